import RNNCore
import RNNReport

extension ProfileStudy {
  package var summary: String {
    let source = saved.map { ", \($0.path.printable)" } ?? ""
    let loss = "gradient of \(probing.words)"
    return "H \(plan.model.hidden)" + source
      + (plan.model.layers > 1 ? ", \(plan.model.layers) layers" : "")
      + ", \(loss), memory needed \(memoryNeeded) steps"
      + (updates > 0 ? ", \(updates) updates with \(plan.optimizer.rawValue) \(plan.rate)" : "")
  }

  /// All looks: cell by cell, the start first.
  var looks: [ProfileLook] {
    rows.flatMap { row in
      row.looks.flatMap { when, snapshot in
        snapshot.profile.layers.enumerated().map { index, layer in
          ProfileLook(
            cell: row.choice.name, when: when,
            name: snapshot.profile.layers.count == 1
              ? row.choice.name : "\(row.choice.name) \(layer.name)",
            layer: layer,
            verdict: snapshot.verdicts.isEmpty ? nil : snapshot.verdicts[index],
            loss: snapshot.profile.loss, memoryNeeded: memoryNeeded,
            jacobians: snapshot.spectra[index])
        }
      }
    }
  }

  func looks(_ when: String) -> [ProfileLook] { looks.filter { $0.when == when } }

  /// The last looks: trained, or at the start when nothing was trained.
  var lastLooks: [ProfileLook] { looks(updates > 0 ? "trained" : firstLook) }

  package var sentences: [String] {
    looks.compactMap { look in
      look.verdict.map { "\(look.cell), \(look.when): \($0.sentence)" }
    }
  }

  package var table: Table {
    var table = Table(
      title: "\(plan.taskName.rawValue): \(summary)",
      columns: [
        .text("cell"), .text("when"), .text("verdict"), .number("1 % within"),
        .number("at \(memoryNeeded) steps"), .number("a step", .useful),
        .number("λ₁", .useful), .number("σ₁(U)", .detail), .number("ρ(U)", .detail),
        .number("memory gate", .useful), .number("saturated", .detail), .number("dead", .detail),
      ])
    for look in looks { table.append(cells(look)) }
    return table
  }

  private func cells(_ look: ProfileLook) -> [Table.Cell] {
    let number = ProfileLook.number
    let blocks = look.spectrum?.bounds.blocks ?? []
    return [
      .init(look.name), .init(look.when), .init(look.verdict?.kind.rawValue ?? "-"),
      look.horizonCell, look.shareCell, look.rateCell,
      .init(number(look.spectrum?.lyapunov.exponents.first)),
      .init(number(blocks.map(\.largestSingularValue).max())),
      .init(number(blocks.map(\.spectralRadius).max())), look.gateCell, look.saturatedCell,
      look.deadCell,
    ]
  }

  /// How a verdict's numbers can be read.
  static let guide =
    "A verdict compares what arrives of the gradient over the steps that the task asks to remember "
    + "with what it was: under 1 % is vanishing, over 10 times is exploding. \"1 % within\" is the "
    + "memory horizon, \"a step\" the fitted factor, λ₁ the largest Lyapunov exponent along one "
    + "sequence (nats a step), σ₁ and ρ the largest singular value and spectral radius of the "
    + "recurrent weights' blocks, \"memory gate\" the mean of the forget or update gate."
}

extension ProfiledLoss {
  /// For a sentence: "the last answer".
  var words: String {
    switch self {
    case .allAnswers: "all answers"
    case .lastAnswer: "the last answer"
    case .step(let step): "the answer at step \(step)"
    }
  }
}
