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
