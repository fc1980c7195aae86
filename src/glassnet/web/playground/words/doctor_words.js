// What the doctor says, in both languages.

/** @type {Record<string, [string, string]>} */
export const DOCTOR = {
  doctor: ["Doctor", "诊断"],
  doctorFine: ["No problems: gradients reach every layer, and no unit is dead or saturated.", "一切正常：梯度能传到每一层，没有失活或饱和的单元。"],
  doctor_serious: ["Serious.", "严重。"],
  doctor_warning: ["Warning.", "警告。"],
  doctor_note: ["Note.", "提示。"],
  doctor_diverged: [
    "Training has diverged: the updates were so large that each increased the loss, until it was inf or NaN. After epoch {epoch}, it was still {loss}; the largest weight, {size}, was in {layer}.",
    "训练发散了：每一步更新都过大，损失不断增大，直到变为 inf 或 NaN。第 {epoch} 轮后损失还是 {loss}，最大的权重（{size}）在 {layer}。",
  ],
  doctor_dead: [
    "{layer}: {count} of {units} units are dead (†). Their activation {activation} is flat for every row, so no gradient reaches their weights and they cannot recover. Usually an update was too large.",
    "{layer}：{units} 个单元中有 {count} 个已失活（†）。在每个样本上 {activation} 都处于平坦的一段，梯度传不到它们的权重，无法恢复。原因多半是某一步更新过大。",
  ],
  doctor_saturated: [
    "{layer}: {count} of {units} units are saturated (▲), at the limit of {activation} for nearly all rows. It is flat there, so hardly any gradient passes. Their weighted sums are too large.",
    "{layer}：{units} 个单元中有 {count} 个饱和（▲），在绝大多数样本上停在 {activation} 的极限处。那里是平坦的，梯度几乎无法通过。这说明加权和过大。",
  ],
  doctor_vanishing: [
    "{layer}: the gradient vanishes. It is about {size} times smaller than at the output, because in backpropagation it is multiplied by the slope of every layer; dead units stop it altogether. This layer hardly learns.",
    "{layer}：梯度消失了，大约只有输出层的 1/{size}，因为反向传播时每一层都要乘上激活函数的斜率，失活的单元更会完全挡住它。这一层几乎学不到东西。",
  ],
  doctor_exploding: [
    "{layer}: the gradient explodes. It is about {size} times larger than at the output, so no learning rate suits all layers.",
    "{layer}：梯度爆炸，大约是输出层的 {size} 倍，没有哪个学习率能适合所有的层。",
  ],
  doctor_long: [
    "{layer}: one step changes the weights by {size}. About 0.1% is typical; steps this large overshoot.",
    "{layer}：一步就使权重改变了 {size}。通常约为 0.1%，这么大的步长会越过极小点。",
  ],
  doctor_short: [
    "One step changes the weights by at most {size}, and the loss has hardly fallen. About 0.1% is typical: the learning rate is too low.",
    "每一步最多使权重改变 {size}，损失几乎没有下降。通常约为 0.1%：学习率过低。",
  ],
  doctorLayers: ["Diagnosis of each layer", "各层的诊断数据"],
  doctorLayer: ["Layer", "层"],
  doctorLayerHint: ["Hidden layers and the output", "各隐藏层和输出层"],
  doctorGradient: ["Gradient", "梯度"],
  doctorGradientHint: ["Size of the gradient ∂L/∂z of a row at this layer; the bar compares it with the output layer, in powers of ten", "单个样本在该层的梯度 ∂L/∂z 的大小；横条是与输出层之比（对数刻度）"],
  doctorStep: ["Step / weights", "步长／权重"],
  doctorStepHint: ["Relative change of the weights in one step", "一步更新使权重改变的比例"],
  doctorIdle: ["Idle units", "不起作用的单元"],
  doctorIdleHint: ["Dead units (†) are inactive for all rows; saturated units (▲) are at the limit of their activation", "失活（†）的单元对任何样本都没有响应；饱和（▲）的单元停在激活函数的极限处"],
  doctorDead: ["{count} dead †", "{count} 个失活 †"],
  doctorSaturated: ["{count} saturated ▲", "{count} 个饱和 ▲"],
  remedyRate: ["Set learning rate {rate} and reset", "学习率改为 {rate} 并重置"],
  remedyActivation: ["{activation} in {layer}", "{layer} 改用 {activation}"],
  remedyAll: ["{activation} in all hidden layers", "所有隐藏层改用 {activation}"],
  remedySkip: ["Residual connections", "加入残差连接"],
  remedyNorm: ["Layer normalization", "加入层归一化"],
  unit_dead: ["Dead: no gradient passes for any row, so it cannot learn.", "已失活：在任何样本上都没有梯度通过，无法学习。"],
  unit_saturated: ["Saturated: at the limit of its activation for nearly all rows.", "饱和：在绝大多数样本上停在激活函数的极限处。"],
  unit_constant: ["Constant: its output is the same everywhere, so nothing can be learned through it.", "它在各处的输出都相同，无法通过它学习。"],
};
