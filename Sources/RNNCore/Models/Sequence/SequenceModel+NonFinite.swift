extension SequenceModel {
  /// Where the last pass, BPTT done, first went wrong, as its own batch counts steps and sequences.
  func firstNonFinite(_ pass: ModelPass) -> NonFiniteOrigin? {
    guard let batch = pass.batch else { return nil }
    if let network, let tape = pass.tape, let found = network.firstNonFiniteState(on: tape) {
      return found
    }
    func origin(
      _ quantity: NonFiniteOrigin.Quantity, _ layer: String, answer row: Int
    ) -> NonFiniteOrigin {
      let packed = batch.answer == .atEnd ? batch.layout.lastRows[row] : row
      let (sequence, step) = batch.layout.place(ofRow: packed)
      return NonFiniteOrigin(quantity: quantity, layer: layer, sequence: sequence, step: step)
    }
    if hidden != nil, let row = pass.hidden?.matrix.firstNonFiniteRow {
      let (sequence, step) = batch.layout.place(ofRow: row)
      return NonFiniteOrigin(
        quantity: .hiddenState, layer: "hidden", sequence: sequence, step: step)
    }
    let top = readout == nil ? network?.layers.last?.name : nil
    if let row = pass.outputs?.matrix.firstNonFiniteRow
      ?? pass.blocked?.firstNonFiniteRow(pass.layers)
    {
      return origin(.outputGradient, top ?? "readout", answer: row)
    }
    if readout != nil, let seen = pass.readoutInput?.matrix,
      let row = pass.outputs?.matrix.lastRow(overflowingWith: seen)
        ?? pass.blocked?.lastOverflowingRow(pass.layers)
    {
      return origin(.weightGradient, "readout", answer: row)
    }
    if pass.learnsSentence, let seen = pass.sentenceInput?.matrix,
      let rows = pass.sentence?.matrix
    {
      func sentence(_ quantity: NonFiniteOrigin.Quantity, _ rank: Int) -> NonFiniteOrigin {
        let (sequence, step) = batch.layout.place(ofRow: batch.layout.lastRows[rank])
        return NonFiniteOrigin(
          quantity: quantity, layer: "sentence", sequence: sequence, step: step)
      }
      if let rank = rows.firstNonFiniteRow { return sentence(.outputGradient, rank) }
      if let rank = rows.lastRow(overflowingWith: seen) { return sentence(.weightGradient, rank) }
    }
    return pass.tape.flatMap { network?.firstNonFiniteGradient(on: $0) }
  }
}
