/// The one error of the library: which argument was wrong, what was expected and what came.
///
/// Every public entry point that can be called with bad input throws it; inner loops use
/// preconditions. `description` is one line, fit for a terminal.
public struct RNNError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is, for code that wants to react to it.
  public enum Kind: Hashable, Sendable {
    /// Two sizes that must agree do not.
    case shape
    /// A number lies outside its allowed range.
    case range
    /// A token or class id lies outside the vocabulary.
    case vocabulary
    /// A batch, sequence or file without content.
    case empty
    /// An input, loss or gradient is infinite or not a number.
    case nonFinite
    /// A name or text that cannot be understood.
    case format
    /// A combination of options that has no meaning.
    case unsupported
    /// A file that cannot be read or written.
    case file
    /// More memory than the process may take, see ``MemoryNeed``.
    case memory
    /// Processes that work together do not agree, or one of them failed, see ``RankGroup``.
    case ranks
  }

  /// What sort of mistake it is.
  public let kind: Kind
  /// The argument, parameter or file that is wrong, as the caller knows it.
  public let argument: String
  /// What would have been right.
  public let expected: String
  /// What came.
  public let found: String

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - kind: what sort of mistake it is.
  ///   - argument: the argument, parameter or file that is wrong, as the caller knows it.
  ///   - expected: what would have been right.
  ///   - found: what came.
  public init(_ kind: Kind, _ argument: String, expected: String, found: String) {
    self.kind = kind
    self.argument = argument
    self.expected = expected
    self.found = found
  }

  /// The argument, what was expected and what came, on one line. Control characters, which a file's
  /// name or content may have, are escaped, and both are cut where they are very long.
  public var description: String {
    argument.cut(to: 400) + ": expected \(expected), found ".printable
      + found.shortened(to: 400)
  }
}
