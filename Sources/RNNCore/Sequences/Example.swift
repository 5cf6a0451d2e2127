/// One sequence with what the network should say about it: the unit that data sets are made of.
public struct Example: Hashable, Sendable {
  /// What goes in, one entry a time step.
  public enum Input: Hashable, Sendable {
    /// Ids in 0..<vocabulary, one a step.
    case tokens([Int32])
    /// Row-major [T, width].
    case features([Float], width: Int)
  }

  /// What should come out.
  public enum Target: Hashable, Sendable {
    /// One class id a step.
    case classPerStep([Int32])
    /// One class id for the whole sequence, read off after its last step.
    case classAtEnd(Int32)
    /// Row-major [T, O]: one vector a step.
    case valuesPerStep([Float])
    /// [O]: one vector for the whole sequence, read off after its last step.
    case valuesAtEnd([Float])
    /// Labels in their order without their places, for
    /// ``Loss/connectionistTemporalClassification``: as many as there are steps or fewer, with one
    /// step more for each that equals the one before it; none at all is fine.
    case labelling([Int32])
  }

  /// What goes in, step by step.
  public var input: Input
  /// What the network should answer.
  public var target: Target
  /// The class of the whole sequence beside its target, for models with a ``SentenceHead``; nil for
  /// none.
  public var label: Int32?

  /// Makes an example; whether it fits others is checked when a batch is made.
  ///
  /// - Parameters:
  ///   - input: what goes in.
  ///   - target: what should come out.
  ///   - label: the class of the whole sequence, for models with a ``SentenceHead``; nil for none.
  public init(input: Input, target: Target, label: Int32? = nil) {
    self.input = input
    self.target = target
    self.label = label
  }

  /// T, the number of time steps.
  public var length: Int {
    switch input {
    case .tokens(let ids): ids.count
    case .features(let values, let width): width > 0 ? values.count / width : 0
    }
  }
}
