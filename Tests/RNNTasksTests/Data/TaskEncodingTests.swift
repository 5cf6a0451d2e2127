import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Encodings of tasks")
struct TaskEncodingTests {
  /// One of each kind and form, with names that JSON and Swift could stumble over.
  static let texts = [
    #"{"kind":"tag","lowercase":true,"digits":false,"words":["a\"b","\\","é"],"#
      + #""tags":["O","B-x","I-<unknown>"],"trainedTags":2,"intents":["f","f#g","<unknown>"],"#
      + #""trainedIntents":1}"#,
    #"{"kind":"tag","lowercase":false,"digits":true,"words":[],"tags":["O","B-x"],"#
      + #""trainedTags":1,"intents":[]}"#,
    // The Ångström sign and the letter are equal as texts, but not as scalars.
    "{\"kind\":\"lm\",\"unit\":\"character\",\"lowercase\":false,\"digits\":false,"
      + "\"symbols\":[\"\\n\",\"\u{212B}\",\"\u{C5}\",\"\u{301}\"]}",
    #"{"kind":"lm","unit":"word","lowercase":true,"digits":true,"symbols":["<eos>","the"]}"#,
    #"{"kind":"classify","input":"text","unit":"word","lowercase":true,"digits":false,"#
      + #""symbols":["good"],"classes":["neg","pos"],"mostSteps":40}"#,
    #"{"kind":"classify","input":"series","mean":[-0.5,1e-10],"deviation":[2.25,1e+20],"#
      + #""classes":["1","2","3"]}"#,
    #"{"kind":"music","lowestNote":21,"noteCount":88}"#,
    #"{"kind":"parse","source":{"unit":"word","lowercase":true,"digits":true,"symbols":["a"]},"#
      + #""target":{"unit":"word","lowercase":false,"digits":false,"symbols":["(S",")S","XX"]},"#
      + #""longestTarget":12}"#,
    #"{"kind":"transduce","source":{"unit":"character","lowercase":false,"digits":false,"#
      + #""symbols":["a","b"]},"target":{"unit":"character","lowercase":false,"digits":false,"#
      + #""symbols":["x"]},"longestTarget":0}"#,
    #"{"kind":"vqa","question":{"unit":"word","lowercase":true,"digits":false,"symbols":["is"]},"#
      + #""answers":["no","yes"],"width":64,"height":32,"patch":8}"#,
    // Composed and decomposed.
    "{\"kind\":\"lm\",\"unit\":\"word\",\"lowercase\":false,\"digits\":false,"
      + "\"symbols\":[\"\u{E9}\",\"e\u{301}\"],\"unknownTrained\":false}",
    #"{"kind":"lm","unit":"character","lowercase":false,"digits":false,"symbols":["x"],"#
      + #""unknownTrained":true}"#,
    #"{"kind":"tag","lowercase":false,"digits":false,"words":["a"],"tags":["O","B-x"],"#
      + #""trainedTags":1,"scheme":"bioes","intents":[]}"#,
    #"{"kind":"tag","lowercase":false,"digits":false,"words":["a"],"tags":["NN","B-"],"#
      + #""trainedTags":1,"scheme":"labels","intents":[]}"#,
  ]

  @Test("What is written is read, and written alike", arguments: texts)
  func roundTrip(text: String) throws {
    let encoding = try TaskEncoding(json: text, name: "saved")
    #expect(Array(encoding.json.utf8) == Array(text.utf8))
    #expect(try TaskEncoding(json: " " + encoding.json + "\n", name: "saved") == encoding)
    #expect(text.contains("\"kind\":\"\(encoding.kind.rawValue)\""))
  }

  @Test("Each missing field and each additional one is an error", arguments: texts)
  func fields(text: String) throws {
    let extra = text.dropLast() + ",\"more\":1}"
    let error = #expect(throws: RNNError.self) {
      try TaskEncoding(json: String(extra), name: "saved")
    }
    #expect(error?.kind == .format && error?.found == "'more'")
    let optional: Set = ["mostSteps", "unknownTrained", "scheme"]
    for field in text.matches(of: /"(\w+)":/).map(\.output.1)
    where !optional.contains(String(field)) {
      let renamed = text.replacing("\"\(field)\":", with: "\"\(field)x\":")
      let error = #expect(throws: RNNError.self) { try TaskEncoding(json: renamed, name: "saved") }
      #expect(error?.kind == .format && error?.argument.hasPrefix("saved") == true, "\(field)")
    }
  }

  @Test("Words are told apart by their scalars, and untrained ids are known")
  func scalars() throws {
    guard case .lm(let text) = try TaskEncoding(json: Self.texts[10], name: "saved"),
      case .lm(let plain) = try TaskEncoding(json: Self.texts[3], name: "saved"),
      case .lm(let letters) = try TaskEncoding(json: Self.texts[2], name: "saved"),
      case .lm(let rare) = try TaskEncoding(json: Self.texts[11], name: "saved")
    else { preconditionFailure("language models") }
    #expect(text.encode("e\u{301} \u{E9} e") == [1, 0, 2])
    #expect(text.unknownSymbols(in: "e \u{E9}\nf e") == ["e", "f"])
    #expect(text.untrainedIDs == [2] && plain.untrainedIDs.isEmpty)
    #expect(letters.untrainedIDs == [4] && rare.untrainedIDs.isEmpty)
    #expect(letters.unknownSymbols(in: "\u{C5}x\nxy") == ["x", "y"])
    #expect(Vocabulary(["\u{E9}"]) != Vocabulary(["e\u{301}"]))
    #expect(Vocabulary(["e\u{301}", "\u{E9}", "\u{E9}"]).symbols.count == 2)
  }

  @Test(
    "Values without meaning are errors that name the field",
    arguments: [
      (0, #""trainedTags":2"#, #""trainedTags":3"#, "trainedTags"),
      (0, #""trainedTags":2"#, #""trainedTags":0"#, "trainedTags"),
      (0, #""trainedTags":2"#, #""trainedTags":1.5"#, "trainedTags"),
      (0, #""trainedTags":2"#, #""trainedTags":1e30"#, "trainedTags"),
      (0, #""B-x""#, #""O""#, "tags"), (0, #""B-x""#, #""x""#, "tags"),
      (0, #""é""#, #""""#, "words"), (0, #""f#g","<unknown>""#, #""f""#, "intents"),
      (0, "[\"a\\\"b\",\"\\\\\",\"é\"]", "[1,2]", "words"),
      (0, "[\"a\\\"b\",\"\\\\\",\"é\"]", "3", "words"), (0, "true", "\"true\"", "lowercase"),
      (2, "\"\u{C5}\"", "\"\u{212B}\"", "symbols"), (2, "\"\u{C5}\"", "\"ab\"", "symbols"),
      (2, #""digits":false"#, #""digits":true"#, "digits"),
      (3, #""the""#, #""<unk>""#, "symbols"), (3, #""word""#, #""line""#, "unit"),
      (4, #""neg","pos""#, #""pos""#, "classes"), (4, "40", "0", "mostSteps"),
      (5, "2.25", "0", "deviation"), (5, "2.25", "-1", "deviation"),
      (5, "2.25,", "", "deviation"), (5, "[-0.5,1e-10]", "[]", "mean"),
      (6, "88", "108", "noteCount"), (6, "21", "-1", "lowestNote"), (6, "music", "art", "kind"),
      (9, "8", "9", "patch"), (9, #""no","#, "", "answers"), (9, "64", "0", "width"),
      (12, "bioes", "bio", "scheme"), (12, "B-x", "NN", "tags"), (13, "labels", "iob1", "tags"),
    ])
  func meaningless(index: Int, old: String, new: String, field: String) {
    let text = Self.texts[index].replacing(old, with: new)
    // Not as texts, of which some are equal that differ in their scalars.
    #expect(Array(text.utf8) != Array(Self.texts[index].utf8))
    let error = #expect(throws: RNNError.self) { try TaskEncoding(json: text, name: "saved") }
    #expect(error?.kind == .format && error?.argument == "saved: \(field)", "\(error as Any)")
  }

  @Test("Texts that are no such object are errors")
  func noObject() {
    for text in [
      "", "[]", "null", "{", "{\"kind\":{}}", "{\"kind\":[[1]]}", "{\"kind\":[1,\"a\"]}",
    ] {
      let error = #expect(throws: RNNError.self) { try TaskEncoding(json: text, name: "saved") }
      #expect(error?.argument.hasPrefix("saved") == true)
    }
  }
}
