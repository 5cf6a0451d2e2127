/// Drops numbers at random in training, and scales what is left (Srivastava et al. 2014).
public struct Dropout: Sendable {
  /// The probability with which a number is dropped.
  public let rate: Float

  /// Throws `.range` for a rate outside [0, 1).
  public init(rate: Float) throws(RNNError) {
    try requireRate(rate, "dropout")
    self.rate = rate
  }

  /// The rows after dropout; themselves in a pass without it.
  public func callAsFunction(_ rows: Rows) throws(RNNError) -> Rows {
    try rows.check()
    let pass = rows.pass
    guard rate > 0 else { return rows }
    // With or without a generator, so that the layers after this one find their records again.
    let record = pass.record { DropoutRecord() }
    guard var generator = pass.dropout else { return rows }
    record.input = rows.source
    let mask = record.mask.matrix(rows.count, rows.width)
    mask.fillDropout(rate: rate, using: &generator, of: pass.part)
    pass.dropout = generator
    let output = record.output.matrix(rows.count, rows.width)
    output.multiply(rows.matrix, by: mask, team: pass.team)
    return rows.giving(output, slope: record.slope, in: record.output)
  }
}

private final class DropoutRecord: LayerRecord {
  var input: RowSource?
  let mask = FloatBuffer()
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    guard let gradient = slope.matrix else { return }
    let mask = mask.matrix(gradient.rows, gradient.columns)
    gradient.multiply(gradient, by: mask, team: pass.team)
    input?.slope?.take(gradient, pass)
  }
}

extension Matrix {
  /// Fills with inverted dropout: 0 with probability `rate`, else 1 / (1 − rate) (Srivastava 2014).
  ///
  /// - Parameters:
  ///   - rate: with which a number is dropped.
  ///   - generator: draws row after row; stands behind the last of the whole batch afterwards.
  ///   - part: of which the rows are, of a longer batch; nil for a batch of its own.
  ///   - rows: whether there is a mask for each packed row, or for each sequence.
  func fillDropout(
    rate: Float, using generator: inout RandomGenerator, of part: PassPart? = nil,
    by rows: MaskedRows = .packed
  ) {
    guard let part else { return draw(rate, &generator) }
    var own = part.dropout.start(&generator, of: self, part, rows)
    draw(rate, &own)
  }

  private func draw(_ rate: Float, _ generator: inout RandomGenerator) {
    let kept = 1 / (1 - rate)
    for index in 0..<rows {
      let row = self.row(index)
      for column in 0..<columns { row[column] = generator.uniform() < rate ? 0 : kept }
    }
  }
}
