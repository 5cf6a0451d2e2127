import RNNCore

/// Pieces of music, one byte for each note and one more for each step: frames of numbers, 88 times
/// 4 bytes a step for a piano, are made when they are asked for.
struct PlayedNotes: Sendable {
  /// Steps of a piece that follow each other.
  struct Stretch: Sendable {
    /// Where the first step is, and the one before it; nil at the start of a piece.
    fileprivate let start: Int
    fileprivate let before: Int?
    /// T
    let steps: Int
  }

  /// The number of notes of each step, then the notes, from the encoding's lowest one.
  private var bytes: [UInt8] = []
  /// Whole pieces, in their order.
  private(set) var pieces: [Stretch] = []
  /// The first step of the piece that is being added, and how many it has.
  private var open = (start: 0, steps: 0)

  /// Adds a step to the piece that is being added; notes that come twice count once.
  mutating func append(_ notes: some Sequence<UInt8>) {
    let place = bytes.count
    bytes.append(0)
    for note in notes where !(place + 1..<bytes.count).contains(where: { bytes[$0] == note }) {
      bytes.append(note)
    }
    bytes[place] = UInt8(bytes.count - place - 1)
    open.steps += 1
  }

  /// Ends the piece that is being added. False for one without steps.
  mutating func endPiece() -> Bool {
    guard open.steps > 0 else { return false }
    pieces.append(Stretch(start: open.start, before: nil, steps: open.steps))
    open = (bytes.count, 0)
    return true
  }

  /// The pieces cut into stretches of at most `most` steps whose lengths differ by one at most;
  /// whole for nil.
  private func stretches(of most: Int?) -> [Stretch] {
    guard let most else { return pieces }
    return pieces.flatMap { piece in
      let count = (piece.steps - 1) / most + 1
      var (start, before) = (piece.start, Int?.none)
      return (0..<count).map { index in
        let steps = (index + 1) * piece.steps / count - index * piece.steps / count
        let stretch = Stretch(start: start, before: before, steps: steps)
        for _ in 0..<steps { (start, before) = (next(after: start), start) }
        return stretch
      }
    }
  }

  /// Examples of the pieces, cut into stretches, that are made when they are asked for.
  func examples(most: Int? = nil, width: Int) -> ExampleList {
    let stretches = stretches(of: most)
    return ExampleList(count: stretches.count) { example(stretches[$0], width: width) }
  }

  /// The frames of the steps, each predicted from the one before it, which is zeros at the start of
  /// a piece.
  ///
  /// - Parameter width: of a frame, above all notes.
  private func example(_ stretch: Stretch, width: Int) -> Example {
    let targets = frames(from: stretch.start, steps: stretch.steps, width: width)
    let inputs =
      if let before = stretch.before {
        frames(from: before, steps: stretch.steps, width: width)
      } else {
        [Float](repeating: 0, count: width) + targets.dropLast(width)
      }
    return Example(input: .features(inputs, width: width), target: .valuesPerStep(targets))
  }

  /// How often each note is played, and the steps of all pieces.
  ///
  /// - Parameter width: above all notes.
  func counts(width: Int) -> (notes: [Int], steps: Int) {
    var (counts, place) = ([Int](repeating: 0, count: width), 0)
    while place < bytes.count {
      for note in notes(at: place) { counts[Int(note)] += 1 }
      place = next(after: place)
    }
    return (counts, pieces.reduce(0) { $0 + $1.steps })
  }

  /// Row-major [T, width].
  private func frames(from start: Int, steps: Int, width: Int) -> [Float] {
    var frames = [Float](repeating: 0, count: steps * width)
    var place = start
    for step in 0..<steps {
      for note in notes(at: place) { frames[step * width + Int(note)] = 1 }
      place = next(after: place)
    }
    return frames
  }

  private func notes(at place: Int) -> ArraySlice<UInt8> {
    bytes[place + 1..<place + 1 + Int(bytes[place])]
  }

  private func next(after place: Int) -> Int { place + 1 + Int(bytes[place]) }
}
