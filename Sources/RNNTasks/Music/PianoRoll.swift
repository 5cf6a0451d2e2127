import FoundationEssentials
import RNNCore

/// Pieces of music for training, validation and test: for each step the notes that sound.
///
/// A JSON file `{"train": [[[note, …], …], …], "valid": …, "test": …}` of MIDI numbers: parts,
/// their pieces, their steps. This is the form of the JSB chorales and of what became of the other
/// sets of Boulanger-Lewandowski et al. (2012).
struct PianoRoll {
  let training: PlayedNotes
  let validation: PlayedNotes
  let test: PlayedNotes

  /// Throws `.file`, `.empty` or `.format`, with line
  /// and byte, also for notes that `encoding` does not have.
  init(reading file: URL, encoding: MusicEncoding) throws(RNNError) {
    var reader = try JSONReader(reading: file)
    var parts: [String: PlayedNotes] = [:]
    try reader.object { (reader, name) throws(RNNError) in
      guard ["train", "valid", "test"].contains(name) else {
        throw reader.failure("train, valid or test", found: name.excerpt)
      }
      parts[name] = try Self.pieces(&reader, encoding)
    }
    try reader.end()
    guard let training = parts["train"], let validation = parts["valid"], let test = parts["test"]
    else {
      throw RNNError(
        .format, file.path, expected: "train, valid and test",
        found: parts.keys.sorted().joined(separator: ", "))
    }
    (self.training, self.validation, self.test) = (training, validation, test)
  }

  /// The pieces of one part, whether others are there or not; all those of a file without parts,
  /// which is an array of pieces.
  static func pieces(
    of part: HeldOutPart, in file: URL, _ encoding: MusicEncoding
  ) throws(RNNError) -> PlayedNotes {
    var reader = try JSONReader(reading: file)
    let wanted = part == .validation ? "valid" : part.rawValue
    var (pieces, others): (PlayedNotes?, [String]) = (nil, [])
    if try reader.hasArrayNext() {
      pieces = try Self.pieces(&reader, encoding)
    } else {
      try reader.object { (reader, name) throws(RNNError) in
        guard ["train", "valid", "test"].contains(name) else {
          throw reader.failure("train, valid or test", found: name.excerpt)
        }
        let found = try Self.pieces(&reader, encoding)
        if name == wanted { pieces = found } else { others.append(name) }
      }
    }
    try reader.end()
    guard let pieces else {
      throw RNNError(
        .format, file.path, expected: wanted, found: others.sorted().joined(separator: ", "))
    }
    return pieces
  }

  private static func pieces(
    _ reader: inout JSONReader, _ encoding: MusicEncoding
  ) throws(RNNError) -> PlayedNotes {
    let place = try reader.place()
    var played = PlayedNotes()
    var notes: [UInt8] = []
    try reader.array { (reader) throws(RNNError) in
      let place = try reader.place()
      try reader.array { (reader) throws(RNNError) in
        notes.removeAll(keepingCapacity: true)
        try reader.array { (reader) throws(RNNError) in
          // Of the 128 of MIDI.
          notes.append(UInt8(try reader.integer(in: encoding.notes) - encoding.lowestNote))
        }
        played.append(notes)
      }
      guard played.endPiece() else {
        throw RNNError(.empty, "\(place)", expected: "a piece with steps", found: "none")
      }
    }
    guard !played.pieces.isEmpty else {
      throw RNNError(.empty, "\(place)", expected: "a piece of music", found: "none")
    }
    return played
  }
}
