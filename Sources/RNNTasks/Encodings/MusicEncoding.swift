/// How notes become vectors of zeros and ones and they notes again.
public struct MusicEncoding: Hashable, Sendable {
  /// The MIDI number of the first element.
  public let lowestNote: Int
  /// How many notes there are, one element each.
  public let noteCount: Int

  /// The keys of a piano: A0 to C8.
  public static let piano = MusicEncoding(lowestNote: 21, noteCount: 88)

  init(lowestNote: Int, noteCount: Int) {
    self.lowestNote = lowestNote
    self.noteCount = noteCount
  }

  /// The MIDI numbers that can be written.
  public var notes: ClosedRange<Int> { lowestNote...lowestNote + noteCount - 1 }

  /// One frame: 1 for each of `sounding`, notes outside the range being left out.
  public func frame(_ sounding: [Int]) -> [Float] {
    var frame = [Float](repeating: 0, count: noteCount)
    for note in sounding where notes.contains(note) { frame[note - lowestNote] = 1 }
    return frame
  }

  /// The notes of a frame, those whose value is above `threshold`.
  public func notes(of frame: [Float], above threshold: Float = 0.5) -> [Int] {
    frame.indices.filter { frame[$0] > threshold }.map { lowestNote + $0 }
  }
}
