internal import CLibrary

/// How often training feeds the decoder its own likeliest token in the place of the target's: with
/// probability ε(u) at each step but the first, u the updates made (scheduled sampling: Bengio,
/// Vinyals, Jaitly and Shazeer 2015).
///
/// A decoder that has only ever read targets has never seen a mistake of its own. No gradient flows
/// through the choice.
public enum SamplingSchedule: Sendable, Hashable {
  /// ε = 0: teacher forcing.
  case never
  /// The same ε all along.
  case constant(Double)
  /// From 0 to `most` over that many updates, `most` from there on.
  case linear(updates: Int, most: Double = 1)
  /// 1 − k / (k + e^{u/k}): slow at first, then fast, then slow.
  case inverseSigmoid(Double)

  /// ε(u).
  public func probability(updates: Int) -> Double {
    switch self {
    case .never: 0
    case .constant(let value): value
    case .linear(let last, let most): most * min(1, Double(updates) / Double(last))
    case .inverseSigmoid(let k): 1 - k / (k + exp(min(Double(updates) / k, 700)))
    }
  }

  /// Throws `.range` for a probability outside [0, 1], updates below 1, and a k that is not above
  /// 0.
  func validate() throws(RNNError) {
    let isValid =
      switch self {
      case .never: true
      case .constant(let value): (0...1).contains(value)
      case .linear(let updates, let most): updates >= 1 && (0...1).contains(most)
      case .inverseSigmoid(let k): k > 0 && k.isFinite
      }
    guard isValid else {
      throw RNNError(
        .range, "scheduled sampling",
        expected: "a probability from 0 to 1, at least 1 update, k above 0", found: "\(self)")
    }
  }
}

extension SamplingSchedule: CustomStringConvertible {
  /// Reads ``description``: `never`, `constant=ε`, `linear=UPDATES`, `linear=UPDATES@MOST` or
  /// `sigmoid=K`.
  ///
  /// Throws `.format` for anything else, and what the numbers may not be.
  public init(_ text: String) throws(RNNError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers =
      parts.count == 2 ? parts[1].split(separator: "@", omittingEmptySubsequences: false) : []
    let values = numbers.map { Double($0) }
    switch (parts[0], values.count) {
    case ("never", 0) where parts.count == 1: self = .never
    case ("constant", 1):
      guard let value = values[0] else { throw Self.failure(text) }
      self = .constant(value)
    case ("linear", 1...2):
      guard let updates = Int(numbers[0]), let most = values.count == 2 ? values[1] : 1 else {
        throw Self.failure(text)
      }
      self = .linear(updates: updates, most: most)
    case ("sigmoid", 1):
      guard let k = values[0] else { throw Self.failure(text) }
      self = .inverseSigmoid(k)
    default: throw Self.failure(text)
    }
    try validate()
  }

  private static func failure(_ text: String) -> RNNError {
    RNNError(
      .format, "scheduled sampling",
      expected: "never, constant=ε, linear=UPDATES[@MOST] or sigmoid=K", found: text.excerpt)
  }

  public var description: String {
    switch self {
    case .never: "never"
    case .constant(let value): "constant=\(value)"
    case .linear(let updates, let most):
      most == 1 ? "linear=\(updates)" : "linear=\(updates)@\(most)"
    case .inverseSigmoid(let k): "sigmoid=\(k)"
    }
  }
}
