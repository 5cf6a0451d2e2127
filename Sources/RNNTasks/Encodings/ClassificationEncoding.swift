import RNNCore

/// How texts or time series and classes become numbers and class ids names again.
public struct ClassificationEncoding: Hashable, Sendable {
  /// What is classified.
  public enum Input: Hashable, Sendable {
    /// A text, by its characters or words.
    case text(TextEncoding)
    /// A series of vectors, each number shifted and scaled.
    case series(Standardization)
  }

  /// What is classified, and how it becomes numbers.
  public let input: Input
  /// Class names by id.
  public let classes: [String]
  /// Longer sequences are cut after that many steps.
  public let mostSteps: Int?

  /// The token ids of a text, cut where it is too long; nil for time series.
  public func encode(_ text: String) -> [Int32]? {
    guard case .text(let encoding) = input else { return nil }
    let ids = encoding.encode(text)
    return Array(ids.prefix(mostSteps ?? ids.count))
  }
}

/// Brings each dimension of vectors to mean 0 and standard deviation 1.
public struct Standardization: Hashable, Sendable {
  /// One a dimension.
  public let mean: [Float]
  /// One a dimension, above 0.
  public let deviation: [Float]

  init(mean: [Float], deviation: [Float]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// The population mean and deviation over all steps of all series; a dimension that never changes
  /// keeps its scale.
  ///
  /// - Parameter series: row-major, each asked for twice.
  init(of series: some Sequence<[Float]>, width: Int) {
    var (sums, squares) = (
      [Double](repeating: 0, count: width), [Double](repeating: 0, count: width)
    )
    var steps = 0.0
    for values in series {
      for (index, value) in values.enumerated() { sums[index % width] += Double(value) }
      steps += Double(values.count / width)
    }
    let means = sums.map { $0 / steps }
    for values in series {
      for (index, value) in values.enumerated() {
        let distance = Double(value) - means[index % width]
        squares[index % width] += distance * distance
      }
    }
    mean = means.map { Float($0) }
    deviation = squares.map { sum in
      let deviation = Float((sum / steps).squareRoot())
      return deviation.isNormal ? deviation : 1
    }
  }

  /// (x − mean)/deviation of row-major vectors. Throws `.nonFinite` where the result
  /// is too large for single precision.
  public func callAsFunction(_ values: [Float]) throws(RNNError) -> [Float] {
    var result = values
    for index in result.indices {
      let dimension = index % mean.count
      let distance = Double(result[index]) - Double(mean[dimension])
      result[index] = Float(distance / Double(deviation[dimension]))
      guard result[index].isFinite else {
        throw RNNError(
          .nonFinite, "standardised value", expected: "a finite number",
          found:
            "(\(values[values.startIndex + index]) - \(mean[dimension]))/\(deviation[dimension])")
      }
    }
    return result
  }
}
