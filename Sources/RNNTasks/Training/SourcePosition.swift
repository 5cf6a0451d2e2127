import Foundation
import RNNCore

/// A place in a source of training data, small enough to be saved at any time.
public struct SourcePosition: Hashable, Sendable {
  /// Passes over the data that are complete; 0 for data without end.
  public var epochs = 0
  /// What the running pass has taken: examples, or steps of each stream.
  public var taken = 0
  /// The four words of each generator from which the running pass can be drawn again, the source's own
  /// first.
  public var generators: [[UInt64]] = []

  public init(epochs: Int = 0, taken: Int = 0, generators: [RandomGenerator] = []) {
    self.epochs = epochs
    self.taken = taken
    self.generators = generators.map { [$0.state.0, $0.state.1, $0.state.2, $0.state.3] }
  }

  /// The same without its last generator, which is returned beside it.
  ///
  /// Throws ``RNNError/Kind/format`` without one.
  func removingGenerator() throws(RNNError) -> (SourcePosition, RandomGenerator) {
    var rest = self
    guard let words = rest.generators.popLast() else {
      throw RNNError(
        .format, Self.name, expected: "the state of another generator", found: "none")
    }
    guard words.count == 4, words.contains(where: { $0 != 0 }) else {
      throw RNNError(
        .format, Self.name, expected: "four words of a generator, not all zero", found: "\(words)")
    }
    return (rest, RandomGenerator(state: (words[0], words[1], words[2], words[3])))
  }

  /// Throws ``RNNError/Kind/format`` unless no generator is left and `taken` is a whole number of batches
  /// within the pass.
  func check(takenBelow limit: Int, inStepsOf batch: Int) throws(RNNError) {
    guard generators.isEmpty else {
      throw RNNError(
        .format, Self.name, expected: "no further generator", found: "\(generators.count)")
    }
    guard (0...1 << 53).contains(epochs), taken >= 0, taken < max(1, limit),
      taken.isMultiple(of: batch)
    else {
      throw RNNError(
        .format, Self.name, expected: "a place after batches of \(batch) within \(limit)",
        found: "\(taken) in pass \(epochs)")
    }
  }

  // MARK: - As text

  /// On one line; words of generators as hexadecimal texts, because other readers of JSON round whole numbers
  /// beyond 2⁵³.
  public var json: String {
    let words = generators.map { words in
      "[" + words.map { "\"" + String($0, radix: 16) + "\"" }.joined(separator: ",") + "]"
    }
    return #"{"epochs":\#(epochs),"generators":["# + words.joined(separator: ",")
      + #"],"taken":\#(taken)}"#
  }

  /// Reads ``json``; throws ``RNNError/Kind/format``. Whether the data have such a place is found out by
  /// ``TrainingSource/seek(_:batch:)``.
  ///
  /// - Parameter name: what complaints call it.
  public init(json: String, name: String) throws(RNNError) {
    struct Record: Decodable {
      var epochs: Int
      var taken: Int
      var generators: [[String]]
    }
    let failure = RNNError(
      .format, name, expected: "a place in the training data", found: "text that is none")
    do {
      let record = try JSONDecoder().decode(Record.self, from: Data(json.utf8))
      (epochs, taken) = (record.epochs, record.taken)
      generators = try record.generators.map { words in
        try words.map { word in
          guard let value = UInt64(word, radix: 16) else { throw failure }
          return value
        }
      }
    } catch {
      throw failure
    }
  }

  private static let name = "position in the training data"
}
