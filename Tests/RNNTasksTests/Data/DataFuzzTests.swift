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
    let kind: TaskName
    /// To open; the folder itself when empty.
    var path = ""
    let files: [String: String]
    var unit: TextUnit?
    var patch = 8

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
      name: "CoNLL-U", kind: .tag,
      files: [
        "en-ud-train.conllu":
          "# a\n1\tEU\t_\tPROPN\t_\t_\t0\troot\t_\t_\n2-3\tam\t_\t_\t_\t_\t_\t_\t_\t_\n"
          + "2\tis\t_\tAUX\t_\t_\t1\tx\t_\t_\n",
        "en-ud-dev.conllu": "1\tEU\t_\tX\t_\t_\t0\troot\t_\t_\n",
        "en-ud-test.conllu": "1.1\tEU\t_\tX\t_\t_\t_\t_\t_\t_\n1\ta\t_\tX\t_\t_\t0\tx\t_\t_\n",
      ]),
    Format(
      name: "BIOES", kind: .tag,
      files: [
        "train.txt": "a B-x\nb E-x\n\na S-y\nc O\n", "dev.txt": "a O\n", "test.txt": "a S-z\n",
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
    Format(
      name: "parallel texts", kind: .translate,
      files: [
        "train.tok.de": "ein haus\nzwei häuser da\n", "train.tok.en": "a house\ntwo houses there\n",
        "val.tok.de": "ein\n", "val.tok.en": "a\n", "test_1.tok.de": "da\n",
        "test_1.tok.en": "there\n",
      ]),
    Format(
      name: "lines", kind: .autoencode, path: "a.txt",
      files: ["a.txt": "x y\ny\nz z z\nx x\np\nq r\n"]),
    Format(
      name: "trees", kind: .parse,
      files: [
        "train.ptb": "( (S (NP-SBJ (PRP I)) (VP (VBP am))) )\n(S (NP (DT the) (NN cat)))\n",
        "dev.ptb": "(S (UH no))", "test.ptb": "(S (NP (DT a) (NN cat)) (. .))\n",
      ]),
    Format(
      name: "trees by a list", kind: .parse,
      files: [
        "splits.md": "# Splits\n\n## dev\n\n  * b\n\n## test\n\n  * c\n\n## test2\n\n  * d\n",
        "const/a.ptb": "(S (NP (PRP I)) (VP (VBP am)))\n", "const/b.ptb": "(S (UH no))",
        "const/c.ptb": "(S (NP (DT a) (NN cat)) (. .))\n", "const/d.ptb": "(X (Y z))\n",
      ]),
    Format(
      name: "questions about images", kind: .vqa,
      files: [
        // Two and one images of 2 x 2 pixels, in one and two runs.
        "train/images_rle.bin":
          "RLE1\u{2}\0\0\0\u{2}\0\u{2}\0\u{1}\0\u{4}abc\u{2}\0\u{1}abc\u{3}de\u{7}",
        "train/questions.json": "[[\"is it a?\",\"yes\",0],[\"is it?\",\"no\",1]]",
        "test/images_rle.bin": "RLE1\u{1}\0\0\0\u{2}\0\u{2}\0\u{1}\0\u{4}xyz",
        "test/questions.json": "[[\"a?\",\"no\",0]]",
      ], patch: 2),
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
    options.validationShare = format.kind == .vqa ? 0.5 : 0.3
    options.patch = format.patch
    _ = try makeTask(format.kind, at: url, options: options)
    var mutator = Mutator(seed: 2026)
    let names = format.files.keys.sorted()
    var (refused, accepted) = (0, 0)
    for round in 0..<600 {
      let name = names[round % names.count]
      let original = Array(try #require(format.files[name]).utf8)
      try directory.write(mutator.mutated(original), to: name)
      do throws(RNNError) {
        check(try makeTask(format.kind, at: url, options: options), "round \(round)")
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
    switch task {
    case let task as any SequenceDataTask: check(task, round)
    case let task as PairTask: check(task, round)
    case let task as VisualQuestionTask: check(task, round)
    default: Issue.record("\(round): a task of no kind")
    }
    let encoding = task.encoding
    #expect((try? TaskEncoding(json: encoding.json, name: "saved")) == encoding, "\(round)")
  }

  private func check(_ task: any SequenceDataTask, _ round: String) {
    for example in [task.validation, task.test].joined() {
      if case .tokens(let vocabulary) = task.shape.input {
        #expect(example.tokens.allSatisfy { (0..<Int32(vocabulary)).contains($0) }, "\(round)")
      }
      #expect(
        example.classes.allSatisfy { (0..<Int32(task.shape.outputs)).contains($0) }, "\(round)")
    }
    var source = task.makeTrainingSource(seed: 1)
    #expect(throws: Never.self, "\(round)") {
      _ = try SequenceBatch(Array(task.validation) + task.test)
      _ = try SequenceBatch(source.nextBatch(3).examples)
    }
  }

  private func check(_ task: PairTask, _ round: String) {
    let (source, target) = (Int32(task.pairs.source.sizeWithUnknown), task.pairs.start)
    #expect(!task.training.isEmpty, "\(round)")
    for item in [task.training, task.validation, task.test].joined() {
      #expect(!item.source.isEmpty, "\(round)")
      #expect(item.source.allSatisfy { (0..<source).contains($0) }, "\(round)")
      #expect(item.target.allSatisfy { (0..<target).contains($0) }, "\(round)")
    }
  }

  private func check(_ task: VisualQuestionTask, _ round: String) {
    let words = Int32(task.visual.question.sizeWithUnknown)
    #expect(!task.training.isEmpty && task.images.bytes.count % task.images.imageSize == 0)
    for item in [task.training, task.validation, task.test].joined() {
      #expect(!item.words.isEmpty && item.words.allSatisfy { (0..<words).contains($0) }, "\(round)")
      #expect((0..<Int32(task.visual.answers.count)).contains(item.answer), "\(round)")
      #expect(task.images.indices.contains(item.image), "\(round)")
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
