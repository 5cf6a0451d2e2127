/// Sums, products and neighbours of rows.
extension Rows {
  /// Elementwise sums. Throws `.shape` for rows of another order, number or width.
  public static func + (a: Rows, b: Rows) throws(RNNError) -> Rows {
    try a.checkAlike(b)
    let record = a.pass.record { SumRecord() }
    (record.a, record.b) = (a.source, b.source)
    let sum = record.output.matrix(a.count, a.width)
    a.pass.team.split(a.count) { range in
      sum.rows(range).combine(keep: 0, a.matrix.rows(range))
      sum.rows(range).combine(keep: 1, b.matrix.rows(range))
    }
    return a.giving(sum, slope: record.slope)
  }

  /// Elementwise products. Throws `.shape` for rows of another order, number or width.
  public static func * (a: Rows, b: Rows) throws(RNNError) -> Rows {
    try a.checkAlike(b)
    let record = a.pass.record { ProductRecord() }
    (record.a, record.b) = (a.source, b.source)
    let product = record.output.matrix(a.count, a.width)
    product.multiply(a.matrix, by: b.matrix, team: a.pass.team)
    return a.giving(product, slope: record.slope)
  }

  /// The rows of two or three parts side by side, [N, sum of widths].
  ///
  /// Throws `.shape` for parts of another order or number of rows.
  public static func sideBySide(_ a: Rows, _ b: Rows, _ c: Rows? = nil) throws(RNNError) -> Rows {
    try a.checkAlike(b, width: b.width)
    if let c { try a.checkAlike(c, width: c.width) }
    let record = a.pass.record { SideBySideRecord() }
    record.parts = (a.source, b.source, c?.source)
    let result = record.output.matrix(a.count, a.width + b.width + (c?.width ?? 0))
    record.forEachPart { part, columns in
      result.columns(columns).copy(from: part.matrix, team: a.pass.team)
    }
    return a.giving(result, slope: record.slope)
  }

  private func checkAlike(_ other: Rows, width: Int? = nil) throws(RNNError) {
    try check()
    try other.check(on: pass)
    let width = width ?? self.width
    guard order == other.order, count == other.count, other.width == width else {
      throw RNNError(
        .shape, "rows", expected: "\(order.name), [\(count), \(width)]",
        found: "\(other.order.name), [\(other.count), \(other.width)]")
    }
  }
}

private final class SumRecord: LayerRecord {
  var (a, b): (RowSource?, RowSource?)
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    guard let sum = slope.matrix else { return }
    a?.slope?.receive(sum.rows, sum.columns, pass) { $0.copy(from: sum, team: pass.team) }
    b?.slope?.take(sum, pass)
  }
}

private final class ProductRecord: LayerRecord {
  var (a, b): (RowSource?, RowSource?)
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    guard let a, let b, let product = slope.matrix else { return }
    a.slope?.add(product, times: b.matrix, pass)
    b.slope?.add(product, times: a.matrix, pass)
  }
}

private final class SideBySideRecord: LayerRecord {
  var parts: (RowSource?, RowSource?, RowSource?)
  let output = FloatBuffer()

  func forEachPart(_ body: (RowSource, Range<Int>) -> Void) {
    var first = 0
    func show(_ part: RowSource?) {
      guard let part else { return }
      body(part, first..<first + part.matrix.columns)
      first += part.matrix.columns
    }
    show(parts.0)
    show(parts.1)
    show(parts.2)
  }

  override func backward(_ pass: Pass) {
    guard let all = slope.matrix else { return }
    // The columns of one part are read by nobody else from here on.
    forEachPart { part, columns in part.slope?.take(all.columns(columns), pass) }
  }
}
