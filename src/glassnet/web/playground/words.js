// All that the page says, in both languages: [English, Chinese]. Names in braces are filled in.

/** @type {Record<string, [string, string]>} */
export const WORDS = {
  skip: ["To the network", "跳到网络"],
  playground: ["playground", "游乐场"],
  running: ["Training", "训练"],
  play: ["Train", "训练"],
  pause: ["Pause", "暂停"],
  oneEpoch: ["One epoch", "训练一轮"],
  oneEpochHint: ["Learn once from every training row", "把全部训练样本学一遍"],
  slowMotion: ["Slow motion", "慢放一步"],
  slowMotionHint: ["Look at one training step, number by number", "逐个数字看清一次参数更新"],
  reset: ["Start over", "重新开始"],
  resetHint: ["The same weights as at the start, the same numbers again", "回到同样的初始权重，每个数字都会重现"],
  speed: ["Speed", "速度"],
  speedStep: ["a step a frame", "每帧一步"],
  speedEpoch: ["an epoch a frame", "每帧一轮"],
  speedFull: ["as fast as it goes", "全速"],
  epoch: ["Epoch", "轮次"],
  look: ["Language and colours", "语言和配色"],
  theme: ["Dark or light", "深色或浅色"],
  settings: ["Settings", "设置"],
  table: ["Data set", "数据集"],
  loss: ["Loss", "损失函数"],
  optimizer: ["Optimizer", "优化器"],
  rate: ["Learning rate", "学习率"],
  activation: ["Activation", "激活函数"],
  various: ["various", "各层不同"],
  penalty: ["Regularisation", "正则化"],
  strength: ["Its strength", "正则化强度"],
  none: ["none", "无"],
  data: ["Data", "数据"],
  rows: ["Rows", "样本数"],
  noise: ["Noise", "噪声"],
  share: ["Of these to train on", "训练集占比"],
  batch: ["Batch size", "批大小"],
  regenerate: ["Draw new points", "重新生成数据"],
  inputs: ["Inputs", "输入特征"],
  network: ["Network", "网络"],
  size: ["{parameters} parameters", "{parameters} 个参数"],
  legend: [
    "A link is a weight: the wider, the larger; blue is positive, orange negative. A square shows what a neuron answers at each point of the plane. Click a neuron to read its numbers and to change them.",
    "连线是权重：越粗绝对值越大，蓝色为正，橙色为负。方格是神经元在平面各点的输出。点击神经元可查看并修改数值。",
  ],
  time: ["Back in time", "回到过去"],
  moment: ["epoch {epoch}", "第 {epoch} 轮"],
  result: ["Result", "结果"],
  trainLoss: ["Training loss", "训练损失"],
  testLoss: ["Test loss", "测试损失"],
  accuracy: ["Test accuracy", "测试准确率"],
  r2: ["Test R²", "测试 R²"],
  curve: ["Training loss {train}, test loss {test}, after {epoch} epochs", "第 {epoch} 轮后训练损失 {train}，测试损失 {test}"],
  mapOutput: ["What the network answers at each point", "网络在平面各点的回答"],
  mapUnit: ["{unit}: what it answers at each point", "{unit} 在平面各点的输出"],
  tests: ["Show test points (hollow)", "显示测试样本（空心）"],
  discrete: ["Only the decision, not how sure", "只显示判定，不显示把握程度"],
  footer: [
    "All of this is computed on your own machine, by the engine that the library glassnet trains with. Nothing is sent anywhere.",
    "本页的一切都在您自己的设备上计算，所用引擎与 glassnet 库相同，不会发送任何数据。",
  ],
  input: ["Inputs", "输入"],
  hidden: ["Hidden {layer}", "隐藏层 {layer}"],
  output: ["Output", "输出"],
  class: ["class {number}", "类别 {number}"],
  addLayer: ["Add a hidden layer", "添加隐藏层"],
  removeLayer: ["Remove the last hidden layer", "删除最后一个隐藏层"],
  addUnit: ["One neuron more in hidden layer {layer}", "隐藏层 {layer} 加一个神经元"],
  removeUnit: ["One neuron fewer in hidden layer {layer}", "隐藏层 {layer} 减一个神经元"],
  moreOf: ["Settings of hidden layer {layer}", "隐藏层 {layer} 的设置"],
  dropout: ["Dropout rate", "Dropout 比例"],
  norm: ["Normalisation", "归一化"],
  batch_norm: ["batch normalisation", "批归一化"],
  layer_norm: ["layer normalisation", "层归一化"],
  skipLink: ["Residual: its input is added to its output", "残差连接：输出加上输入"],
  skipHint: ["For that it needs as many neurons as the layer before.", "须与前一层的神经元数相同。"],
  unit: ["Neuron {unit} of hidden layer {layer}", "隐藏层 {layer} 的第 {unit} 个神经元"],
  unitInput: ["Input {name}", "输入 {name}"],
  unitOutput: ["Output {unit}", "输出 {unit}"],
  dead: ["It answers the same everywhere: nothing can be learned through it.", "它在各处的输出都相同，无法通过它学习。"],
  bias: ["bias", "偏置"],
  from: ["from {name}", "来自 {name}"],
  close: ["Close", "关闭"],
  diverged: [
    "The loss is no finite number any more: training has diverged. Usually the learning rate is too high. Take a smaller one and start over.",
    "损失已不再是有限数，训练发散了。通常是学习率过大，请调小后重新开始。",
  ],
  noEngine: ["The engine could not start. Received: {reason}. Reload the page in a browser of 2023 or newer.", "引擎无法启动：{reason}。请用 2023 年以后的浏览器重新打开本页。"],
  spirals: ["two spirals", "双螺旋"],
  circle: ["circle", "圆"],
  xor: ["exclusive or", "异或"],
  gaussians: ["two clouds", "两团"],
  moons: ["moons", "双月"],
  rings: ["three rings", "三环"],
  checkerboard: ["checkerboard", "棋盘"],
  blobs: ["five clouds", "五团"],
  plane: ["slope (regression)", "斜面（回归）"],
  hills: ["hills (regression)", "山丘（回归）"],
  sine: ["noisy sine (regression)", "含噪正弦（回归）"],
  own: ["my own points", "自己的数据"],
  binary_cross_entropy: ["binary cross-entropy", "二元交叉熵"],
  cross_entropy: ["softmax cross-entropy", "softmax 交叉熵"],
  mse: ["squared error", "平方误差"],
  mae: ["absolute error", "绝对误差"],
  huber: ["Huber", "Huber 损失"],
  log_cosh: ["log-cosh", "log-cosh"],
  hinge: ["hinge", "合页损失"],
  squared_hinge: ["squared hinge", "平方合页损失"],
  focal: ["focal", "焦点损失"],
};

export const LANGUAGES = ["en", "zh"];
let language = "en";

export const currentLanguage = () => language;

/** A text in the reader's language. */
export function say(key, values = {}) {
  const text = WORDS[key][LANGUAGES.indexOf(language)];
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Say everything that stands on the page anew. */
export function speak(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : "en";
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", say(one.dataset.label));
  for (const one of document.querySelectorAll("[data-hint]")) one.title = say(one.dataset.hint);
}
