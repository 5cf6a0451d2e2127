import RNNCore
import RNNTasks

extension AddingPlan {
  /// The adding problem of Hochreiter and Schmidhuber (1997), section 5.4.
  package static func hs97() -> AddingPlan {
    AddingPlan(
      name: "hs97", title: "Adding problem, Hochreiter and Schmidhuber 1997",
      rows: [Row(name: "LSTM", cell: .lstm(forgetBias: 3))], target: .hochreiter, lengths: [100],
      range: { $0...($0 + $0 / 10) }, success: .recentSequences(2000), hidden: 16, batch: 20,
      rate: 5e-3, clip: 1, updates: 20_000, heldOut: HeldOutSizes(validation: 200, test: 2560),
      notes: [
        "Published (Hochreiter and Schmidhuber 1997), for T 100, 500 and 1000: 1, 0 and 1 wrong of "
          + "2560 test sequences after 74,000, 209,000 and 853,000 training sequences. Wrong is an "
          + "error of 0.04 or more; training ends when the last 2000 sequences were right.",
        "As theirs: inputs in -1 to 1, the target 0.5 + (a + b)/4, lengths from T to 1.1 T. "
          + "Different here: an LSTM with a forget gate (bias 3 at first) and 16 units, trained by "
          + "full BPTT with Adam on batches of 20 and clipping to norm 1; they update after each "
          + "sequence. The first marked number lies in the first half and the second in the second "
          + "half, and no -1 marks the ends.",
      ])
  }

  /// The adding problem of Le, Jaitly and Hinton (2015).
  package static func irnn() -> AddingPlan {
    AddingPlan(
      name: "irnn", title: "Adding problem, Le, Jaitly and Hinton 2015",
      rows: [
        Row(name: "IRNN", cell: .irnn), Row(name: "LSTM", cell: .lstm(forgetBias: 1)),
        Row(name: "Elman, tanh", cell: .elman(.tanh)),
      ],
      target: .sum, lengths: [150], range: { $0...$0 }, success: .validationError(0.005),
      hidden: 100, batch: 32, rate: 1e-3, clip: 1, updates: 10_000,
      heldOut: HeldOutSizes(validation: 500, test: 2000),
      notes: [
        "Published (Le, Jaitly and Hinton 2015): IRNN and LSTM of 100 units solve lengths from 150 "
          + "to 400 that tanh networks do not; always answering the mean gives an error of "
          + "\(baseline) (unverified; the variance of the target is 1/6 = 0.1667).",
        "Different here: Adam 0.001 on batches of 32, clipped to norm 1, with one setting for all "
          + "networks; they search rates and clipping of plain SGD for each. A run ends early when "
          + "its validation error is below 0.005.",
      ])
  }

  /// The published error of a network that always answers the mean.
  static let baseline = 0.1767

  /// The published result of a row; nil where none is known.
  package func published(length: Int) -> (sequences: Int, wrong: Int)? {
    guard name == "hs97" else { return nil }
    return [100: (74_000, 1), 500: (209_000, 0), 1000: (853_000, 1)][length]
  }
}
