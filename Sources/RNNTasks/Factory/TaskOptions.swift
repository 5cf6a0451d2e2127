import FoundationEssentials

/// What a task can be asked for besides its name; every task has its own defaults.
public struct TaskOptions: Hashable, Sendable {
  /// Of the generated data.
  public var seed: UInt64 = 1
  /// Steps of a sequence: the range they are drawn from (adding, temporal-order), the delay
  /// (copy) or the steps of a training batch (chars), the last two being a single number; the
  /// range of digits of a number (spelled-digits).
  public var lengths: ClosedRange<Int>?
  /// Held-out examples (slots, adding, temporal-order, copy, spelled-digits).
  public var heldOut: HeldOutSizes?
  /// A text file (chars) or a directory (tagging).
  public var data: URL?
  /// Which adding problem is meant (adding).
  public var addingTarget: AddingTarget = .sum
  /// How slots are scored (slots).
  public var slotMetric: SlotMetric = .tokenAccuracy
  /// How often a word has to be seen in training to be known (tagging).
  public var minimumCount = 2
  /// The probability that training shows a word as unknown (tagging).
  public var wordDropout: Float = 0
  /// Whether batches hold sentences of similar lengths (tagging).
  public var groupsByLength = false

  /// `length` is one length for all sequences; the other options are set one by one.
  public init(seed: UInt64 = 1, length: Int? = nil, data: URL? = nil) {
    self.seed = seed
    self.lengths = length.map { $0...$0 }
    self.data = data
  }
}
