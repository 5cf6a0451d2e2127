import RNNCore

/// How the rate changes over a run, in epochs; written `constant`, `cosine`, `cosine=FLOOR`,
/// `decay=FACTOR`, `decay=FACTOR@EPOCH` or `warmup=UPDATES`.
package enum LearningSchedule: Hashable, Sendable, CustomStringConvertible {
  case constant
  /// Half a cosine over all epochs, down to a share of the rate.
  case cosine(floor: Float)
  /// Times `factor` after each epoch from that one on: `decay=0.5@4` leaves four epochs as they
  /// are, `decay=0.5` one.
  case decay(factor: Float, epochs: Int)
  case warmup(updates: Int)

  package init(_ text: String) throws(RNNError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let argument = parts.count == 2 ? parts[1] : nil
    switch (parts[0], argument) {
    case ("constant", nil): self = .constant
    case ("cosine", nil): self = .cosine(floor: 0)
    case ("cosine", let text?):
      if let floor = Float(text), (0...1).contains(floor) {
        self = .cosine(floor: floor)
        return
      }
      throw Self.failure(text)
    case ("decay", let text?):
      let numbers = text.split(separator: "@", omittingEmptySubsequences: false)
      guard let factor = Float(numbers[0]), factor > 0, factor.isFinite, numbers.count <= 2,
        let epochs = numbers.count == 2 ? Int(numbers[1]) : 1, (0...1 << 24).contains(epochs)
      else { throw Self.failure(text) }
      self = .decay(factor: factor, epochs: epochs)
    case ("warmup", let text?):
      guard let updates = Int(text), (1...1 << 40).contains(updates) else {
        throw Self.failure(text)
      }
      self = .warmup(updates: updates)
    default: throw Self.failure(Substring(text))
    }
  }

  private static func failure(_ text: Substring) -> RNNError {
    RNNError(
      .format, "--schedule",
      expected:
        "constant, cosine, cosine=FLOOR, decay=FACTOR, decay=FACTOR@EPOCH or warmup=UPDATES",
      found: text.excerpt)
  }

  package var description: String {
    switch self {
    case .constant: "constant"
    case .cosine(let floor): floor == 0 ? "cosine" : "cosine=\(floor)"
    case .decay(let factor, let epochs): "decay=\(factor)@\(epochs)"
    case .warmup(let updates): "warmup=\(updates)"
    }
  }

  /// Whether it depends on how many epochs it is planned for.
  package var hasLength: Bool { if case .cosine = self { true } else { false } }

  /// The same counted in updates.
  func inUpdates(perEpoch updates: Int, epochs: Int) -> RateSchedule {
    switch self {
    case .constant: .constant
    case .cosine(let floor): .cosine(updates: updates * epochs, floor: floor)
    case .decay(let factor, let first):
      .decay(after: updates * first, every: updates, factor: factor)
    case .warmup(let updates): .warmup(updates: updates)
    }
  }
}

extension LearningSchedule: Codable {
  package init(from decoder: any Decoder) throws {
    self = try LearningSchedule(try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
