internal import CLibrary
import RNNCore

/// A model of the next notes.
struct MusicModel: AnsweringModel {
  private let music: MusicEncoding
  private let model: SequenceModel
  private let pass: ModelPass

  init(_ file: ModelFile, _ music: MusicEncoding, _ team: ThreadTeam) throws(RNNError) {
    self.music = music
    model = try SequenceModel(file, team: team)
    try file.require(model.configuration, input: music.noteCount, outputs: music.noteCount)
    pass = model.makePass()
  }

  func check(_ input: PredictionInput) throws(RNNError) { _ = try frames(of: input) }

  func size(of input: PredictionInput) -> Int {
    guard case .notes(let steps) = input else { return 0 }
    return steps.count * (2 * music.noteCount + model.configuration.hiddenSize)
  }

  /// Row-major [T, notes]; nil without steps.
  private func frames(of input: PredictionInput) throws(RNNError) -> [Float]? {
    guard case .notes(let steps) = input else { throw input.refused("notes") }
    if let bad = steps.joined().first(where: { !music.notes.contains($0) }) {
      throw RNNError(
        .range, "note", expected: "\(music.notes.lowerBound) to \(music.notes.upperBound)",
        found: "\(bad)")
    }
    return steps.isEmpty ? nil : steps.flatMap(music.frame)
  }

  func predictions(
    for inputs: [PredictionInput], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction] {
    try inputs.answered { (input) throws(RNNError) in
      try frames(of: input)
    } _: { (pieces) throws(RNNError) in
      // What sounds at a step is predicted from the steps before; what comes after the last, too.
      let silence = [Float](repeating: 0, count: music.noteCount)
      let batch = try SequenceBatch(
        inputs: pieces.map { .features(silence + $0, width: music.noteCount) })
      var state = model.zeroState(sequences: pieces.count)
      let outputs = try model.outputs(for: batch, state: &state, pass: pass)
      return zip(pieces, outputs).map { Prediction(.notes(score(of: $0, outputs: $1, detail))) }
    }
  }

  /// - Parameters:
  ///   - frames: [T, notes], zeros and ones.
  ///   - outputs: [T + 1, notes], before the sigmoid.
  private func score(
    of frames: [Float], outputs: [Float], _ detail: Predictor.Detail
  ) -> NoteScore {
    let width = music.noteCount
    var steps = stride(from: 0, to: outputs.count, by: width).map { first in
      (0..<width).filter { outputs[first + $0] > 0 }.map { music.lowestNote + $0 }
    }
    let next = steps.removeLast()
    let losses = steps.indices.map { step in
      (step * width..<(step + 1) * width).reduce(0.0) { sum, index in
        let z = Double(outputs[index])
        // log(1 + e^z) − z·note, without overflow.
        return sum + max(z, 0) + log1p(exp(-abs(z))) - (frames[index] > 0 ? z : 0)
      }
    }
    let probabilities = detail.isAsked ? outputs.map { Float(1 / (1 + exp(-Double($0)))) } : []
    return NoteScore(
      notes: steps, next: next, losses: losses,
      probabilities: stride(from: 0, to: probabilities.count, by: width).map {
        Array(probabilities[$0..<$0 + width])
      }, lowestNote: music.lowestNote)
  }
}
