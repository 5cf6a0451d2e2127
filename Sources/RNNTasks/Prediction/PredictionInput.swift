/// What a model is asked.
public enum PredictionInput: Sendable, Hashable {
  /// A text as it is written: words between blanks, or characters. Of all models but those of time
  /// series, music and images.
  case text(String)
  /// Words (tag, parse).
  case words([String])
  /// The words of a tree under its parts of speech (parse); its brackets are not looked at.
  case tree(BracketedTree)
  /// A time series (classify): row-major [T, width], as it was measured.
  case series([Float], width: Int)
  /// The notes that sound at each step (music), as MIDI numbers.
  case notes([[Int]])
  /// A question about an image (vqa): red, green and blue of each pixel, row by row from the top.
  case question(String, image: [UInt8])
}
