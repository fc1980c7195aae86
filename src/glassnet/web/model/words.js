// All that the page says, in both languages: [English, Chinese]. Names in braces are filled in.

import { format } from "../playground/words/format.js";

/** @type {Record<string, [string, string]>} */
const WORDS = {
  skip: ["Skip to the prediction", "跳到预测结果"],
  title: ["Try the model", "用模型预测"],
  titled: ["Predict {target}", "预测 {target}"],
  lead: ["Fill in the columns and watch the prediction change. Everything is computed in this page; no data is sent anywhere.",
    "填写已知的内容，预测结果随之变化。全部计算都在本页完成，不会发送任何数据。"],
  switchTo: ["中文", "English"],
  answer: ["Prediction", "预测结果"],
  answerOf: ["Prediction: {target}", "预测结果：{target}"],
  row: ["Input", "输入"],
  typical: ["Typical case", "典型样本"],
  random: ["Random case", "随机样本"],
  typicalHint: ["Medians and most frequent values", "取中位数和最常见的值"],
  order: ["Column order", "列的顺序"],
  asLearned: ["table order", "按表格顺序"],
  byEffect: ["strongest effect first", "按影响从大到小"],
  unknown: ["unknown", "未知"],
  neverUnknown: ["This column was never missing in the training data", "训练数据中此列从不缺失"],
  yes: ["yes", "是"],
  no: ["no", "否"],
  other: ["another value", "其他值"],
  outside: ["outside the training range {low} to {high}", "超出训练数据的范围 {low} 至 {high}"],
  notNumber: ["not a number", "无法识别"],
  levelsKnown: ["{count} known values", "已知 {count} 个取值"],
  unseen: ["not a value seen in training", "训练数据中没有这个取值"],
  range: ["{column}, slider", "{column}，滑块"],
  curve: ["As {column} goes from {low} to {high}, {what} goes from {first} to {last}; lowest {least}, highest {most}.",
    "{column} 从 {low} 变到 {high} 时，{what}从 {first} 变到 {last}，最低 {least}，最高 {most}。"],
  levelsCurve: ["By {column}, {what} is lowest with {low} ({least}) and highest with {high} ({most}).",
    "就 {column} 而言，{what}在取 {low} 时最低（{least}），取 {high} 时最高（{most}）。"],
  probabilityOf: ["the probability of “{name}”", "“{name}”的概率"],
  scoreOf: ["the score of “{name}”", "“{name}”的得分"],
  prediction: ["the prediction", "预测值"],
  predictionOf: ["prediction {name}", "第 {name} 个预测值"],
  quantileOf: ["the {name} quantile", "{name} 分位数"],
  certain: ["probability {probability}", "概率 {probability}"],
  score: ["score {value}", "得分 {value}"],
  interval: ["{low} to {high} with a probability of {coverage}", "有 {coverage} 的概率在 {low} 至 {high} 之间"],
  deviation: ["give or take {value} (one standard deviation)", "上下约 {value}（一个标准差）"],
  set: ["With a probability of {coverage} it is one of: {names}", "有 {coverage} 的概率是其中之一：{names}"],
  noSet: ["At coverage {coverage}, no class fits this case: it is unlike the training data", "在 {coverage} 的覆盖率下没有合适的类别：该样本与训练数据差别很大"],
  more: ["{count} more, below {most}", "另有 {count} 类，均低于 {most}"],
  share: ["{share} in the training data", "在训练数据中占 {share}"],
  shares: ["The mark is the frequency in the training data.", "竖线为训练数据中的占比。"],
  middle: ["The median in the training data is {value}", "训练数据的中位数为 {value}"],
  reasons: ["Explanation", "解释"],
  explained: ["Explain", "解释"],
  follow: ["the predicted class", "预测的类别"],
  fromTypical: ["typical case", "典型样本"],
  fromPinned: ["pinned case", "固定的样本"],
  thisCase: ["this case", "当前样本"],
  others: ["all other columns ({count})", "其余各列（{count}）"],
  pin: ["Pin this case", "固定当前样本"],
  pinHint: ["Explanations then compare with the current case", "之后的解释都与当前样本比较"],
  from: ["“{name}” is predicted from a probability of {threshold} on.", "“{name}”的概率达到 {threshold} 即预测为该类。"],
  unpin: ["Compare with the typical case", "与典型样本比较"],
  same: ["This is the reference case. Change a value to see its contribution.", "这就是参照样本。改变任意一个值，即可看到它的贡献。"],
  points: ["Bars are percentage points: contributions sum exactly to the difference from the {reference}.",
    "条形为百分点，各列贡献之和恰为与{reference}之差。"],
  units: ["Contributions sum exactly to the difference from the {reference}.", "各列贡献之和恰为与{reference}之差。"],
  mostlyBecause: ["{what} is {answer} rather than {base}, mostly because {reasons}.", "{what}为 {answer}，而不是 {base}，主要因为 {reasons}。"],
  reason: ["{column} is {cell} ({change})", "{column} 为 {cell}（{change}）"],
  comma: [", ", "、"],
  and: [" and ", "、"],
  curvesNote: ["The line above each slider (and the bar under each choice) shows {what} if only this column changes. All share one scale, from {low} to {high}.",
    "每个滑块上方的曲线（选项下方的条形）表示只改变这一列时，{what}如何变化。所有图用同一刻度，从 {low} 到 {high}。"],
  computing: ["computing …", "计算中……"],
  holds: ["This page contains a model trained on {rows} rows. From their table, it contains the names of columns and classes, the values of categories, and the minimum, median and maximum of each number, but no rows.",
    "本页包含一个用 {rows} 行数据训练的模型。对训练数据，只保存列名、类别名、分类列的取值，以及数值列的最小值、中位数和最大值，不含任何一行原始数据。"],
  holdsWeights: ["This page contains a model: its weights and the names of its columns.", "本页包含一个模型：权重和列名。"],
  caution: ["A prediction is not a fact, and an explanation is not a cause: both reflect what the model has learned.", "预测不等于事实，解释不等于因果：二者只反映模型学到的内容。"],
  made: ["Made with glassnet {version}.", "由 glassnet {version} 生成。"],
};

const LANGUAGES = ["en", "zh"];
let chosen = 0;

export const language = () => LANGUAGES[chosen];

/** A text in the reader's language. */
export function say(key, values = {}) {
  return format(WORDS[key][chosen], values);
}

/** From now on in this language; all that stands on the page is said anew. */
export function speak(wanted) {
  chosen = Math.max(0, LANGUAGES.indexOf(wanted));
  document.documentElement.lang = wanted === "zh" ? "zh-Hans" : "en";
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", say(one.dataset.label));
  for (const one of document.querySelectorAll("[data-hint]")) one.title = say(one.dataset.hint);
}
