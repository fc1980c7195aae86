// What each control and each part of the picture is, in two sentences: for the button with a question mark beside it.

/** @type {Record<string, [string, string]>} */
export const EXPLAINED = {
  what: ["What is this? {name}", "这是什么？{name}"],
  explain_table: ["The data. In classification, the network learns to separate the colors; in regression, it learns a number for each point.", "用来训练的点。分类数据集中，网络要按颜色区分类别；回归数据集中，网络为每个位置学习一个数。"],
  explain_loss: ["A single number for how wrong the predictions are. Training minimizes it, so it decides what the network optimizes: cross-entropy penalizes confident errors, absolute error is robust to outliers.", "用一个数衡量预测错了多少，训练就是让它变小。因此它决定网络重视什么：交叉熵重罚自信的错误，绝对误差对离群点更宽容。"],
  explain_optimizer: ["The rule that turns gradients into steps. sgd uses the gradient as it is; momentum adds up steps that agree; Adam and its variants also scale the step of each weight.", "把梯度变成更新的规则。sgd 直接使用梯度；动量把方向一致的更新累加起来；Adam 等还为每个权重设定各自的步长。"],
  explain_rate: ["The step size. Too small, and training takes forever; too large, and it oscillates or diverges.", "每一步走多远。太小则学得极慢，太大则来回跳动甚至发散。"],
  explain_schedule: ["How the learning rate changes over the epochs: large steps first, small steps to settle. It ends at the epoch set in “Early stopping”.", "学习率在计划的轮数内如何变化：先大步，后小步，最后稳定下来。终点是“早停”里设定的轮数。"],
  explain_activation: ["The function that each hidden neuron applies to its weighted sum. If it were linear, any number of layers could do no more than one. It can also be set for each layer in the diagram.", "每个隐藏神经元对加权和施加的函数。如果它是线性的，再多的层也只相当于一层。也可以在图中为每一层单独选择。"],
  explain_initializer: ["How the weights are drawn before the first step. They must differ, and their size must suit the activation, so that signals and gradients neither vanish nor explode.", "第一步之前权重有多大。它们必须各不相同，大小要与激活函数相配，信号和梯度才不会消失或爆炸。"],
  explain_penalty: ["A penalty on large weights, which makes the decision boundary smoother. L2 shrinks all weights; L1 makes many of them zero.", "给大的权重加上代价，使边界更平滑。L2 缩小所有权重，L1 使许多权重变成零。"],
  explain_strength: ["The weight of the penalty relative to the loss.", "与损失相比，大权重的代价有多高。"],
  explain_seed: ["The seed of everything random: initial weights, order of rows, dropout. The same seed gives the same training, bit for bit.", "所有随机的东西（初始权重、样本顺序、Dropout）都由这个数决定。种子相同，训练过程就逐位相同。"],
  explain_rows: ["Number of points, training and test together. With more rows, the network memorizes less noise.", "点的总数，包括训练和测试。样本越多，网络越难背下噪声。"],
  explain_noise: ["How far points scatter. With noise, no boundary can be right everywhere, and trying to fit every point is overfitting.", "点偏离本来位置的程度。有噪声时，没有哪条边界能处处正确，强求如此就是过拟合。"],
  explain_share: ["The fraction of rows used for training. The others are held out to show how well the network does on new points.", "用于学习的样本比例。其余样本从不参与学习，用来检验网络在新数据上的表现。"],
  explain_batch: ["Number of rows averaged in one step. Small batches give more, but noisier steps.", "每一步对多少个样本求平均。批量越小，步数越多，噪声也越大。"],
  explain_inputs: ["The features of each point: its two coordinates, and functions of them. A good feature can replace a hidden layer. A custom formula can use x1 and x2, + − * / ^, parentheses, sin cos tan exp log sqrt abs tanh sign, pi and e: for example sin(3*x1) or x1^2 - x2.", "告诉网络的关于每个点的信息：两个坐标，以及由它们算出的数。一个好的输入特征可以代替一个隐藏层。自定义公式可用 x1、x2、+ − * / ^、括号、sin cos tan exp log sqrt abs tanh sign、pi 和 e，例如 sin(3*x1) 或 x1^2 - x2。"],
  explain_stops: ["When to stop training: at a given epoch, when the training loss is low enough, or when the test loss has not improved for a number of epochs. 0 means never.", "训练何时自动停止：到达一定轮数、训练损失足够低，或测试损失一段时间没有变好。0 表示不停止。"],
  explain_network: ["Each square is a neuron: it computes the weighted sum of its inputs plus its bias, and applies the activation. The bias shifts the boundary of a neuron without turning it. The square shows its output at every point.",
    "每个方格是一个神经元：把输入乘以权重后相加，再加偏置，然后施加激活函数。偏置只平移神经元的边界，不转动它。方格里的图显示它在每一点的输出。"],
  explain_running: ["Train runs until you pause; one epoch uses every training row once. Reset returns to the same initial weights, and slow motion shows a single step in detail.", "“训练”会一直进行到暂停；一轮把每个训练样本各用一次。“重置”回到同样的初始权重，“慢放一步”把单独一步拆开来看。"],
  explain_result: ["The map shows the output of the network at every point; the points are the data. When the test loss rises while the training loss falls, the network is overfitting.", "大图显示网络在每一点的输出，圆点是数据。如果训练损失下降而测试损失上升，网络就过拟合了。"],
  explain_confusion: ["Rows: actual class. Columns: predicted class. Everything off the diagonal is an error.", "行是实际类别，列是网络给出的类别。不在对角线上的都是错误。"],
  explain_time: ["Drag to any earlier epoch: it restores the weights and the optimizer state exactly. Training from there repeats the same numbers.", "拖到之前任意一轮：权重和优化器的状态与当时完全一样。从那里继续训练，会重现同样的数值。"],
};
