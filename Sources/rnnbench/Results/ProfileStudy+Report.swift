import RNNCore

extension ProfileStudy {
  var summary: String {
    let source = saved.map { ", \($0.path.printable)" } ?? ""
    let loss = probing == .lastAnswer ? "gradient of the last answer" : "gradient of all answers"
    return "H \(plan.model.hidden)" + source
      + (plan.model.layers > 1 ? ", \(plan.model.layers) layers" : "")
      + ", \(loss), memory needed \(memoryNeeded) steps"
      + (updates > 0 ? ", \(updates) updates with \(plan.optimizer.rawValue) \(plan.rate)" : "")
  }

  /// A look at one layer of one cell.
  struct Look {
    var row: Row
    var when: String
    var snapshot: Snapshot
    var index: Int

    var layer: GradientProfile.Layer { snapshot.profile.layers[index] }
    /// Nil for a profile of all answers.
    var verdict: GradientVerdict? {
      snapshot.verdicts.isEmpty ? nil : snapshot.verdicts[index]
    }
    var spectrum: LayerSpectrum? { snapshot.spectra[index].spectrum }
    /// `elman`, or `elman l1` where there are several layers.
    var name: String {
      snapshot.profile.layers.count == 1 ? row.choice.name : "\(row.choice.name) \(layer.name)"
    }
  }

  /// All looks: cell by cell, the start first.
  var looks: [Look] {
    rows.flatMap { row in
      row.looks.flatMap { when, snapshot in
        snapshot.profile.layers.indices.map {
          Look(row: row, when: when, snapshot: snapshot, index: $0)
        }
      }
    }
  }

  func looks(_ when: String) -> [Look] { looks.filter { $0.when == when } }

  /// The last looks: trained, or at the start when nothing was trained.
  var lastLooks: [Look] { looks(updates > 0 ? "trained" : firstLook) }

  var sentences: [String] {
    looks.compactMap { look in
      look.verdict.map { "\(look.row.choice.name), \(look.when): \($0.sentence)" }
    }
  }

  var table: Table {
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

  private func cells(_ look: Look) -> [Table.Cell] {
    let (layer, memory) = (look.layer, look.layer.memory)
    func number(_ value: Double?) -> String {
      value.map { NumberFormat.significant($0, digits: 3) } ?? "-"
    }
    let gate = layer.gates.first { $0.gate == .forget || $0.gate == .update }
    let blocks = look.spectrum?.bounds.blocks ?? []
    return [
      .init(look.name), .init(look.when), .init(look.verdict?.kind.rawValue ?? "-"),
      .init(
        memory.horizon().map { "\($0) steps" } ?? (memory.share(at: 0) == nil ? "-" : "never")),
      .init(number(memory.share(at: memoryNeeded))),
      .init(number(memory.decayRate(upTo: memoryNeeded))),
      .init(number(look.spectrum?.lyapunov.exponents.first)),
      .init(number(blocks.map(\.largestSingularValue).max())),
      .init(number(blocks.map(\.spectralRadius).max())),
      .init(gate.map { number($0.values.mean) } ?? "-"),
      .init(NumberFormat.percent(layer.states.saturated, decimals: 0)),
      .init("\(layer.deadUnits) of \(layer.units)"),
    ]
  }

  /// How a verdict's numbers can be read.
  static let guide =
    "A verdict compares what arrives of the gradient over the steps that the task asks to remember with what it "
    + "was: under 1 % is vanishing, over 10 times is exploding. \"1 % within\" is the memory horizon, \"a step\" "
    + "the fitted factor, λ₁ the largest Lyapunov exponent along one sequence (nats a step), σ₁ and ρ the largest "
    + "singular value and spectral radius of the recurrent weights' blocks, \"memory gate\" the mean of the "
    + "forget or update gate."
}
