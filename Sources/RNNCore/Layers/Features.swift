extension Pass {
  /// The numbers of a batch, packed [N, width]. Throws `.shape` for a batch of tokens or of another
  /// width.
  public func features(_ batch: SequenceBatch, width: Int) throws(RNNError) -> Rows {
    guard case .features(let values, let found) = batch.content else {
      throw RNNError(.shape, "input", expected: "features", found: "tokens")
    }
    guard found == width else {
      throw RNNError(.shape, "feature width", expected: "\(width)", found: "\(found)")
    }
    return try numbers(values, width: width, as: .packed(batch.layout))
  }

  /// Numbers from outside as rows of `width`. Throws `.shape` for numbers that are no whole rows.
  public func numbers(
    _ values: [Float], width: Int, as order: Rows.Order
  ) throws(RNNError) -> Rows {
    guard width > 0, values.count.isMultiple(of: width) else {
      throw RNNError(
        .shape, "numbers", expected: "rows of \(width)", found: "\(values.count) numbers")
    }
    let record = record { FeaturesRecord() }
    let rows = record.output.matrix(values.count / width, width)
    rows.pointer.update(from: values, count: values.count)
    return Rows(rows, order: order, slope: nil, in: record.output, on: self)
  }
}

private final class FeaturesRecord: LayerRecord {
  let output = FloatBuffer()
}
