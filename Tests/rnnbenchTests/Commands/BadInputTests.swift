import Foundation
import RNNCore
import Testing

@Suite("Bad input ends with one clear line, a non-zero code and no file")
struct BadInputTests {
  struct Case: CustomTestStringConvertible {
    var arguments: [String]
    /// What the line has to say.
    var says: [String]
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ arguments: String, _ says: String...) {
      self.arguments = arguments.split(separator: " ").map(String.init)
      self.says = says
    }
  }

  static let cases = [
    Case("compare --hidden 0", "--hidden", "from 1", "'0'"),
    Case("compare weather", "weather", "slots", "tag"),
    Case("compare adding --crf", "--crf", "slots", "adding"),
    Case("compare --no-crf --crf", "--crf", "--no-crf"),
    Case("compare --cells elman,transformer", "transformer", "lstm"),
    Case("compare --cells lstm:peepholes", "peepholes", "coupled"),
    Case("compare --cells elman,", "cell"),
    Case("compare --layers 0", "--layers", "from 1"),
    Case("compare --seeds 0", "--seeds"),
    Case("compare --batch 0", "--batch"),
    Case("compare --updates -3", "--updates"),
    Case("compare --time-limit 0", "--time-limit"),
    Case("compare --dropout 1", "--dropout", "below 1"),
    Case("compare --window 4", "window", "odd"),
    Case("compare --rate 0", "--rate", "above 0"),
    Case("compare --clip -1", "--clip", "above 0"),
    Case("compare --init diagonal", "--init", "orthogonal"),
    Case("compare --uniform-start 0", "--uniform-start", "above 0"),
    Case("compare --uniform-start 0.1 --init xavier", "--uniform-start", "--init xavier"),
    Case("compare --epochs 3", "--epochs", "tag, lm"),
    Case("compare adding --length 9-3", "--length", "LO-HI"),
    Case("compare tag", "data of tag"),
    Case("compare vqa", "slots"),
    Case("compare lm --directions bidirectional", "--directions", "slots", "found lm"),
    Case("compare lm --cells bi-lstm", "--cells", "sees the past alone"),
    Case("compare --cells jordan:teacher --layers 2", "--cells", "teacher forcing"),
    Case("compare --cells elman-jordan:teacher --layers 2", "teacher forcing"),
    Case("compare --threads 0", "--threads"),
    Case("throughput --cells 1000", "--cells", "elman"),
    Case("throughput --cells jordan:teacher", "--cells", "readout"),
    Case("compare --fair luck", "--fair", "luck", "parameters"),
    Case("compare --colour red", "colour"),
    Case("clip --thresholds 1,-0.5", "threshold", "above 0", "-0.5"),
    Case("clip --thresholds 0", "threshold"),
    Case("clip --thresholds one", "one"),
    Case("clip --mode none", "--mode", "layer-norm"),
    Case("compare tagging --data missing", "missing"),
    Case("compare lm --data missing.txt", "missing.txt"),
    Case("compare lm --data empty.txt", "empty.txt", "empty"),
    Case("compare lm --data latin1.txt", "latin1.txt", "UTF-8"),
    Case("compare tagging --data uneven", "uneven"),
    Case("compare tagging --data badtag", "B-", "line 2"),
    Case("compare --json nowhere/out.json", "nowhere/out.json"),
    Case("compare --report folder", "folder"),
    Case("profile --updates -1", "--updates", "-1"),
    Case("profile --epochs 1", "--epochs"),
    Case("profile --cells feedforward", "--cells", "recurrent"),
    Case("profile --probe first", "--probe", "first", "last"),
    Case("profile --clip 0", "--clip"),
    Case("reproduce pascanu --lengths 20,5", "--lengths", "10"),
    Case("reproduce pascanu --lengths 30-20", "--lengths", "LO-HI", "30-20"),
    Case("reproduce pascanu --lengths 20,", "--lengths", "LO-HI"),
    Case("reproduce pascanu --methods sgd,adam", "--methods", "'adam'", "msgd-cr"),
    Case("reproduce pascanu --init he", "--init", "'he'", "smart-tanh"),
    Case("reproduce pascanu --omega squared", "squared", "released"),
    Case("reproduce pascanu --seeds 0", "--seeds"),
    Case("reproduce pascanu --updates -1", "--updates"),
    Case("reproduce pascanu --held-out 0", "--held-out"),
    Case("reproduce pascanu --threads 0", "threads"),
    Case("doctor --csv nowhere/out.csv", "nowhere/out.csv"),
    Case("throughput --preset mine", "mine", "table"),
    Case("throughput --preset table --shapes good.csv", "--preset", "--shapes"),
    Case("throughput --scaling --preset table", "--scaling", "--preset"),
    Case("throughput --scaling --shapes good.csv", "--scaling", "--shapes"),
    Case("throughput --scaling --threads 1,2", "--threads", "one number"),
    Case("throughput --cells lstm,jordan", "jordan"),
    Case("throughput --cells lstm,", "cell"),
    Case("throughput --preset deepbench --cells irnn", "--cells", "deepbench"),
    Case("throughput --passes train,walk", "--passes", "walk", "trainDX"),
    Case("throughput --threads 0", "--threads", "'0'"),
    Case("throughput --threads 1,two", "--threads", "'two'"),
    Case("throughput --products mkl", "--products", "openblas"),
    Case("throughput --products packed --scaling", "--products", "--scaling"),
    Case("throughput --shapes lengths.csv --passes stream", "--passes", "one length"),
    Case("throughput --gap -1", "--gap"),
    Case("throughput --seconds 0", "--seconds"),
    Case("throughput --seconds nan", "--seconds"),
    Case("throughput --peak -5", "--peak", "'-5'"),
    Case("throughput --peak 5,6,7 --threads 1,2", "--peak", "2"),
    Case("throughput --shapes missing.csv", "missing.csv", "no such file"),
    Case("throughput --shapes folder", "folder"),
    Case("throughput --shapes empty.txt", "empty.txt", "empty"),
    Case("throughput --shapes latin1.txt", "latin1.txt", "UTF-8"),
    Case("throughput --shapes colour.csv", "colour.csv, line 1", "colour"),
    Case("throughput --shapes nolayers.csv", "nolayers.csv, line 1", "layers"),
    Case("throughput --shapes zero.csv", "zero.csv, line 3", "hidden", "'0'"),
    Case("throughput --shapes ragged.csv", "ragged.csv, line 2", "LO-HI", "'9-3'"),
    Case("throughput --shapes huge.csv", "GiB"),
    Case("throughput --shapes good.csv --json nowhere/out.json", "nowhere/out.json"),
    Case("surface bumpy", "bumpy", "pascanu"),
    Case("surface --grid 1", "--grid", "2"),
    Case("surface --x-range 3", "--x-range", "LO:HI"),
    Case("surface --y-range 2:1", "--y-range", "LO:HI"),
    Case("surface --x-range 0:inf", "--x-range"),
    Case("surface --start 5", "--start", "two numbers"),
    Case("surface --start 50,0", "--start", "--x-range"),
    Case("surface --path-rate 0", "--path-rate", "above 0"),
    Case("surface --path-steps 0", "--path-steps", "from 1"),
    Case("surface --thresholds 1,some", "--thresholds", "'some'"),
    Case("surface --thresholds -1", "threshold", "above 0"),
    Case("surface --length 5-9", "--length", "'5-9'"),
    Case("surface --cell lstm", "--cell"),
    Case("surface linear --weights 1,,2", "--weights"),
    Case("surface linear --length 1", "--length"),
    Case("surface temporal-order --cell lstm,gru", "--cell", "one cell"),
    Case("surface temporal-order --thresholds 0", "threshold"),
    Case("surface temporal-order --epochs 3", "--epochs"),
    Case("surface temporal-order --updates -1", "--updates"),
    Case("surface temporal-order --plane sideways", "--plane", "random"),
    Case("surface temporal-order --plane weight_hh_l0[0]", "--plane"),
    Case("surface temporal-order --plane weight_hh_l0[0],weights[1]", "weight_ih_l0", "weights"),
    Case("surface temporal-order --plane weight_hh_l0[0],weight_hh_l0[99999]", "99999"),
    Case("surface temporal-order --updates 0 --plane bias_ih_l0[0],bias_ih_l0[0]", "different"),
    Case("surface --report nowhere/out.html", "nowhere/out.html"),
    Case("explain poem", "poem", "rnn"),
    Case("explain rnn --cell lstm", "--cell", "rnn"),
    Case("explain --hidden 3", "--hidden", "--cell"),
    Case("explain --input good.csv", "--input", "--cell"),
    Case("explain --cell transformer", "transformer"),
    Case("explain --cell gru --hidden 0", "--hidden"),
    Case("explain --cell gru --input missing.csv", "missing.csv", "no such file"),
    Case("explain --cell gru --input empty.txt", "empty.txt"),
    Case("explain --cell gru --input latin1.txt", "latin1.txt", "UTF-8"),
    Case("explain --cell gru --input words.csv", "words.csv, line 3", "'two'"),
    Case("explain --cell gru --input uneven.csv", "uneven.csv, line 2", "2"),
  ]

  /// Of saved models, and of files that are none.
  static let modelCases = [
    Case("profile --save m.st", "--save", "one cell", "4"),
    Case("profile --cells gru,lstm --save m.st", "--save", "one cell", "2"),
    Case("profile --cells gru --save nowhere/m.st", "nowhere/m.st"),
    Case("profile --cells gru --save folder", "folder"),
    Case("profile --cells gru --save /dev/null", "/dev/null"),
    Case("profile --cells feedforward --save m.st", "--cells"),
    Case("profile --model features.st --save m.st", "--save"),
    Case("profile --model features.st --cells lstm", "--cells"),
    Case("profile saved --model features.st --updates 3", "--updates"),
    Case("profile --model features.st --layers 2", "--layers"),
    Case("profile --model features.st --rate 1", "--rate"),
    Case("profile --model missing.st", "missing.st", "No such file"),
    Case("profile --model folder", "folder", "directory"),
    Case("profile --model empty.txt", "empty.txt", "10 bytes"),
    Case("profile --model good.csv", "good.csv", "safetensors"),
    Case("profile --model foreign.st", "foreign.st", "a model saved by RNNCore"),
    Case("profile --model cut.st", "cut.st", "cut off"),
    Case("profile --model flipped.st", "flipped.st", "checksum"),
    Case("profile --model features.st", "--task", "features.st"),
    Case("profile --model features.st --task slots", "features.st", "slots", "2 features"),
    Case("profile saved --model forward.st --task adding", "forward.st", "recurrent"),
    Case("profile --model tokens.st --length 5", "--length"),
    Case("explain --model features.st", "--model", "--input"),
    Case("explain lstm --model features.st --input uneven.csv", "--model", "lstm"),
    Case("explain --cell gru --model features.st --input uneven.csv", "--model", "--cell"),
    Case("explain --hidden 2 --model features.st --input uneven.csv", "--model", "--hidden"),
    Case("explain --model foreign.st --input pairs.csv", "foreign.st"),
    Case("explain --model features.st --input missing.csv", "missing.csv", "no such file"),
    Case("explain --model features.st --input good.csv", "good.csv", "2 numbers", "5"),
    Case("explain --model tokens.st --input pairs.csv", "pairs.csv", "one token id", "2"),
    Case("explain --model tokens.st --input ids.csv", "ids.csv, step 3", "0 to 2", "3"),
    Case("explain --model tokens.st --input halves.csv", "halves.csv, step 1", "0.5"),
    Case("explain --model forward.st --input pairs.csv", "forward.st", "recurrent"),
  ]

  @Test("Wrong arguments and broken data are refused", arguments: cases + modelCases)
  func refuses(_ bad: Case) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try Self.makeData(line)
    let before = line.contents
    var arguments = bad.arguments
    // Whatever is refused must not leave a begun file behind.
    if !arguments.contains("--json") { arguments += ["--json", "result.json"] }
    let outcome = try line.run(arguments)
    #expect(outcome.code != 0)
    #expect(outcome.output.isEmpty)
    let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 2 && lines[1].isEmpty, "one line, found: \(outcome.errors)")
    #expect(outcome.errors.hasPrefix("rnnbench: "))
    for word in bad.says { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    #expect(line.contents == before)
  }

  @Test("An unknown RNNCORE_PRODUCTS is refused in one line")
  func unknownProducts() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(["doctor"], environment: ["RNNCORE_PRODUCTS": "mkl"])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "rnnbench: RNNCORE_PRODUCTS: expected packed, openblas or auto, found mkl\n")
  }

  @Test(
    "An unusable RNNCORE_GRID or RNNCORE_RATES is refused in one line",
    arguments: [
      ("RNNCORE_GRID", "4", "expected parts of the sequences x parts of the units, such as 2x4"),
      ("RNNCORE_RATES", "nowhere.json", "expected a file that rnnbench doctor --rates wrote"),
    ])
  func unusableSchedule(_ variable: (name: String, value: String, expected: String)) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(["cells"], environment: [variable.name: variable.value])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "rnnbench: \(variable.name): \(variable.expected), found \(variable.value)\n")
  }

  /// Sets that do not exist or that this CPU lacks.
  private static let unusableSets =
    ["mmx", "AVX2", " "] + InstructionSet.allCases.filter { !$0.isAvailable }.map(\.rawValue)

  @Test("An instruction set that cannot be used is refused", arguments: unusableSets)
  func refusesInstructionSet(_ name: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let before = line.contents
    let outcome = try line.run(
      ["doctor", "--json", "result.json"], environment: ["RNNCORE_ISA": name])
    #expect(outcome.code != 0)
    #expect(outcome.output.isEmpty)
    let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 2 && lines[1].isEmpty, "one line, found: \(outcome.errors)")
    #expect(outcome.errors.hasPrefix("rnnbench: RNNCORE_ISA: expected one of portable"))
    #expect(line.contents == before)
  }

  private static func makeData(_ line: CommandLine) throws {
    try makeModels(line)
    try line.write("", to: "empty.txt")
    try line.write(Data([0x61, 0xe9, 0x62, 0x0a]), to: "latin1.txt")
    try line.write("", to: "folder/inside")
    try line.write("a,b\n1,2\n1,two\n", to: "words.csv")
    try line.write("1,2\n1,2,3\n", to: "uneven.csv")
    let header = "batch,steps,input,hidden,layers"
    try line.write("\(header)\n2,3,4,5,1\n", to: "good.csv")
    try line.write("\(header),colour\n2,3,4,5,1,red\n", to: "colour.csv")
    try line.write("batch,steps,input,hidden\n2,3,4,5\n", to: "nolayers.csv")
    try line.write("\(header)\n2,3,4,5,1\n2,3,4,0,1\n", to: "zero.csv")
    try line.write("\(header),lengths\n2,9,4,5,1,9-3\n", to: "ragged.csv")
    try line.write("\(header),lengths\n2,9,4,5,1,3-9\n", to: "lengths.csv")
    try line.write("\(header)\n1000000,1000000,4,1000,1\n", to: "huge.csv")
    for split in ["train", "valid", "test"] {
      try line.write("to boston\nto denver\n", to: "uneven/\(split)/seq.in")
      try line.write("O B-city\n", to: "uneven/\(split)/seq.out")
      try line.write("to boston\nto denver\nto rome\n", to: "badtag/\(split)/seq.in")
      try line.write("O B-city\nO B-\nO B-city\n", to: "badtag/\(split)/seq.out")
    }
  }

  private static func makeModels(_ line: CommandLine) throws {
    func save(
      _ name: String, _ input: ModelConfiguration.Input, _ body: ModelConfiguration.Body,
      _ metadata: [String: String] = [:]
    ) throws {
      try SequenceModel(
        ModelConfiguration(input: input, body: body, hiddenSize: 2, outputs: 2), seed: 1
      ).save(to: line.path(name), metadata: metadata)
    }
    try save("features.st", .features(width: 2), .recurrent(.gru()))
    try save("forward.st", .features(width: 2), .feedForward())
    try save(
      "tokens.st", .tokens(vocabulary: 3, embedding: 2), .recurrent(.gru()),
      ["rnnbench.task": "slots"])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: line.path("features.st")))
    try line.write(bytes.dropLast(9), to: "cut.st")
    var flipped = bytes
    flipped[flipped.count - 9] ^= 4
    try line.write(flipped, to: "flipped.st")
    try line.write(Data([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]), to: "foreign.st")
    try line.write("1,2\n3,4\n", to: "pairs.csv")
    try line.write("0\n2\n3\n", to: "ids.csv")
    try line.write("0.5\n", to: "halves.csv")
  }
}
