import Foundation
import RNNCore
import RNNTasks
import TestSupport
import Testing

@Suite("Damaged data")
struct DataFuzzTests {
  /// A small data set, of whose files one is damaged at a time.
  struct Format: CustomTestStringConvertible, Sendable {
    let name: String
    let kind: DataTaskKind
    /// To open; the folder itself when empty.
    var path = ""
    let files: [String: String]
    var unit: TextUnit?

    var testDescription: String { name }
  }

  private static let formats = [
    Format(
      name: "sentence folders", kind: .tag,
      files: [
        "train/seq.in": "fly to rome\nstop\n", "train/seq.out": "O O B-to\nO\n",
        "train/label": "flight\nstop#now\n", "valid/seq.in": "fly\n", "valid/seq.out": "O\n",
        "valid/label": "fare\n", "test/seq.in": "to rome\n", "test/seq.out": "O B-to\n",
        "test/label": "flight\n",
      ]),
    Format(
      name: "columns", kind: .tag,
      files: [
        "train.txt": "-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\n\nGerman\tJJ\tB-MISC\n",
        "dev.txt": "EU NNP I-ORG\n", "test.txt": "German JJ B-PER\r\nlamb NN I-PER\r\n",
      ]),
    Format(
      name: "characters", kind: .lm, path: "a.txt",
      files: ["a.txt": "naïve text, of which\r\neach scalar is a token: é😀\n"]),
    Format(
      name: "words", kind: .lm,
      files: ["train": "a b a\nb <unk>\n", "valid": "a c\n", "test": "b\ta\n"], unit: .word),
    Format(
      name: "class folders", kind: .classify,
      files: [
        "train/a/1": "x y\n", "train/b/1": "y\nz\n", "valid/a/1": "x\n", "test/b/1": "q z\n",
      ]),
    Format(
      name: "class files", kind: .classify,
      files: ["a.txt": "x\ny\nz\nx x\n", "b.txt": "p\nq\nr\ns\nt\n"]),
    Format(
      name: "labelled lines", kind: .classify,
      files: ["train": "a\tx\nb\ty y\n", "valid": "a\tx\n", "test": "b\tx y\n"]),
    Format(
      name: "time series", kind: .classify,
      files: [
        "T_TRAIN.ts": SeriesFileTests.header + "1,2:3,4:up\n-1,2e-3:0.5,7:down\n5:6:up\n7:8:down\n",
        "T_TEST.ts": SeriesFileTests.header + "1:2:up\n",
      ]),
    Format(
      name: "piano roll", kind: .music, path: "m.json",
      files: [
        "m.json": "{\"train\":[[[60,64],[]],[[21]]],\n\"valid\":[[[108]]], \"test\":[[[60]]]}"
      ]),
  ]

  @Test(
    "Each of 600 damaged data sets of a format is refused with a reason, or usable",
    arguments: formats)
  private func files(format: Format) throws {
    let directory = try TemporaryDirectory()
    for (name, text) in format.files { try directory.write(text.utf8, to: name) }
    var options = DataOptions()
    let url =
      format.path.isEmpty ? directory.url : directory.url.appendingPathComponent(format.path)
    (options.unit, options.minimumCount, options.testShare) = (format.unit, 1, 0.3)
    options.validationShare = 0.3
    _ = try makeDataTask(format.kind, at: url, options: options)
    var mutator = Mutator(seed: 2026)
    let names = format.files.keys.sorted()
    var (refused, accepted) = (0, 0)
    for round in 0..<600 {
      let name = names[round % names.count]
      let original = Array(try #require(format.files[name]).utf8)
      try directory.write(mutator.mutated(original), to: name)
      do throws(RNNError) {
        check(try makeDataTask(format.kind, at: url, options: options), "round \(round)")
        accepted += 1
      } catch {
        #expect(!error.description.contains("\n"), "round \(round): \(error)")
        refused += 1
      }
      try directory.write(original, to: name)
    }
    #expect(refused > 50 && accepted > 0, "\(refused) refused, \(accepted) accepted")
  }

  /// That examples suit the shape, that they can be packed, and that the encoding can be saved.
  private func check(_ task: any DataTask, _ round: String) {
    for example in [task.validation, task.test].joined() {
      if case .tokens(let vocabulary) = task.shape.input {
        #expect(example.tokens.allSatisfy { (0..<Int32(vocabulary)).contains($0) }, "\(round)")
      }
      #expect(
        example.classes.allSatisfy { (0..<Int32(task.shape.outputs)).contains($0) }, "\(round)")
    }
    var source = task.makeTrainingSource(seed: 1)
    #expect(throws: Never.self, "\(round)") {
      _ = try SequenceBatch(task.validation + task.test)
      _ = try SequenceBatch(source.nextBatch(3).examples)
      #expect(
        try TaskEncoding(json: task.encoding.json, name: "saved") == task.encoding, "\(round)")
    }
  }

  @Test(
    "Each of 1500 damaged encodings is refused, or written as it was read",
    arguments: TaskEncodingTests.texts)
  func encodings(text: String) throws {
    var mutator = Mutator(seed: 7)
    var refused = 0
    for round in 0..<1500 {
      let damaged = String(decoding: mutator.mutated(Array(text.utf8)), as: UTF8.self)
      do throws(RNNError) {
        let encoding = try TaskEncoding(json: damaged, name: "saved")
        #expect(try TaskEncoding(json: encoding.json, name: "saved") == encoding, "round \(round)")
      } catch {
        #expect(
          error.kind == .format && error.argument.hasPrefix("saved"), "round \(round): \(error)")
        refused += 1
      }
    }
    #expect(refused > 700 && refused < 1500)
  }
}
