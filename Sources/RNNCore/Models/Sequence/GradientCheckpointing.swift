/// How much of a long batch BPTT keeps in memory: the states between stretches of steps, and the
/// gates, states and outputs of one stretch, which it makes anew from these states on its way back
/// (Chen, Xu, Zhang and Guestrin 2016; Gruslys et al. 2016 for BPTT).
///
/// The gradients are to the bit those of BPTT that keeps everything, where our own kernels
/// multiply; a step costs one more forward pass, without readout and loss. Losses are summed in
/// another order.
///
/// Stretches are made of whole groups of about 512 tokens, and one group at least.
///
/// Written as the number of steps, or `sqrt`.
public enum GradientCheckpointing: Sendable, Hashable, CustomStringConvertible {
  /// √T steps a stretch, for a batch of T steps: memory grows with the square root of T.
  case squareRoot
  /// So many steps a stretch.
  case steps(Int)

  /// Reads ``description``. Throws `.format` for anything else, `.range` for less than a step.
  public init(_ text: String) throws(RNNError) {
    if text == "sqrt" {
      self = .squareRoot
    } else if let count = Int(text) {
      self = .steps(count)
    } else {
      throw RNNError(
        .format, "steps between checkpoints", expected: "a number of steps, or sqrt",
        found: text.excerpt)
    }
    try validate()
  }

  public var description: String {
    switch self {
    case .squareRoot: "sqrt"
    case .steps(let count): "\(count)"
    }
  }

  /// Throws `.range` for stretches of less than a step.
  func validate() throws(RNNError) {
    if case .steps(let count) = self { try requirePositive(count, "steps between checkpoints") }
  }

  /// Steps of a stretch, before it is made of groups.
  private func wanted(of stepCount: Int) -> Int {
    switch self {
    case .squareRoot: Int(Double(stepCount).squareRoot().rounded())
    case .steps(let count): count
    }
  }

  /// The stretches of a batch, from the first to the last.
  func stretches(of layout: SequenceLayout) -> [Range<Int>] {
    let steps = wanted(of: layout.stepCount)
    var stretches: [Range<Int>] = []
    for (first, end) in zip(layout.groups, layout.groups.dropFirst()) {
      if let last = stretches.last, end - last.lowerBound <= steps {
        stretches[stretches.count - 1] = last.lowerBound..<end
      } else {
        stretches.append(first..<end)
      }
    }
    return stretches
  }

  /// The extent of the largest stretch of a batch, on the side of too much.
  func stretch(of batch: BatchExtent) -> BatchExtent {
    // One sequence may be as long as all others leave it tokens.
    let steps = wanted(of: max(1, batch.tokens - batch.sequences + 1))
    let tokens = max(TokenGroups.rows, (Amount(steps + 1) * batch.sequences).value)
    return BatchExtent(sequences: batch.sequences, tokens: min(batch.tokens, tokens))
  }
}

extension GradientCheckpointing: Codable {
  /// Reads ``description``.
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  /// Writes ``description``.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
