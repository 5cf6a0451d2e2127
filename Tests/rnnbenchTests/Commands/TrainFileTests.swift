import Foundation
import RNNCore
import Testing

@testable import RNNStudies

@Suite("The files of train")
struct TrainFileTests {
  private let kind = TrainedKind.all[1]

  private func epochs(_ line: CommandLine) throws -> Int {
    let file = try ModelFile(reading: line.path("m"))
    let course = try #require(file.metadata["rnntasks.course"])
    let object = try JSONSerialization.jsonObject(with: Data(course.utf8)) as? [String: Any]
    return try #require(object?["epochs"] as? Int)
  }

  /// Whether a process that is at work on `m` has said so.
  private func wait(_ line: CommandLine, for running: CommandLine.Running) {
    while running.process.isRunning, !line.contents.isSuperset(of: ["m", ".m.lock"]) { usleep(500) }
  }

  @Test("Of two runs on one model the second is refused, whatever it calls the file")
  func claimed() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try FileManager.default.createSymbolicLink(
      atPath: line.path("link"), withDestinationPath: "m")
    let first = try line.start(kind.arguments(["--epochs", "100000", "--patience", "0"]))
    wait(line, for: first)
    let others = [
      kind.arguments(["--resume"]), kind.arguments(["--overwrite"]), kind.arguments(),
      kind.arguments(["--resume", "--model", "link"]),
      kind.arguments(["--overwrite", "--model", line.path("m")]),
      [
        "profile", "adding", "--cells", "lstm", "--updates", "0", "--hidden", "3", "--length", "5",
        "--save", "m",
      ],
    ]
    for arguments in others {
      let outcome = try line.run(arguments)
      #expect(outcome.code == 1, "\(arguments)")
      #expect(
        outcome.errors.contains("in use by process \(first.process.processIdentifier)"),
        "\(arguments): \(outcome.errors)")
    }
    // Who only reads is never refused.
    let read = try line.run(["evaluate", "--model", "m"] + kind.place)
    #expect(read.code == 0, "\(read.errors)")
    let asked = try line.run(kind.arguments(["--resume", "--print-config"]))
    #expect(asked.code == 0, "\(asked.errors)")

    kill(first.process.processIdentifier, SIGKILL)
    _ = try first.outcome()
    #expect(line.contents.contains(".m.lock"))
    let more = try line.run(kind.arguments(["--epochs", "2", "--patience", "0", "--resume"]))
    #expect(more.code == 0, "\(more.errors)")
    #expect(!line.contents.contains(".m.lock"))
  }

  @Test("Started together again and again, one run at a time works on a model, and none is lost")
  func overlapping() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    #expect(try line.run(kind.arguments()).code == 0)
    var random = RandomGenerator(seed: 4)
    var (reached, refusals) = (3, 0)
    for _ in 0..<12 {
      let runs = try [reached + 20, reached + 21].map { epochs in
        let arguments = kind.arguments(
          ["--epochs", "\(epochs)", "--patience", "0", "--resume"])
        usleep(UInt32(random.integer(below: 60_000)))
        return (epochs, try line.start(arguments))
      }
      let pids = runs.map { "\($0.1.process.processIdentifier)" }
      let outcomes = try runs.map { try $0.1.outcome() }
      for (index, outcome) in outcomes.enumerated() where outcome.code != 0 {
        #expect(outcome.code == 1 && outcomes[1 - index].code == 0)
        let refusal = "in use by process \(pids[1 - index])"
        #expect(outcome.errors.contains(refusal), "\(outcome.errors)")
        refusals += 1
      }
      // The last one that was let in has its epochs in the file.
      reached = try epochs(line)
      let done = zip(runs, outcomes).filter { $0.1.code == 0 }.map(\.0.0)
      #expect(done.contains(reached) && done.max() == reached, "\(done), \(reached)")
    }
    #expect(refusals > 0)
  }

  @Test("A run that goes on with kernels that round otherwise says so, and goes on")
  func arithmetic() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let portable = [InstructionSet.environmentVariable: "portable"]
    #expect(try line.run(kind.arguments(), environment: portable).code == 0)
    let same = try line.run(
      kind.arguments(["--epochs", "4", "--resume"]), environment: portable)
    #expect(same.code == 0 && !same.errors.contains("bits will differ"), "\(same.errors)")
    let other = try line.run(kind.arguments(["--epochs", "5", "--resume"]))
    #expect(other.code == 0)
    let differs = InstructionSet.current != .portable
    #expect(other.errors.contains("bits will differ") == differs, "\(other.errors)")
    let again = try line.run(kind.arguments(["--epochs", "6", "--resume"]))
    #expect(again.code == 0 && !again.errors.contains("bits will differ"), "\(again.errors)")
    let products = ProductBackend.standard == .packed ? "openblas" : "packed"
    let multiplied = try line.run(
      kind.arguments(["--epochs", "7", "--resume"]),
      environment: [ProductBackend.environmentVariable: products])
    #expect(multiplied.code == 0 && multiplied.errors.contains("bits will differ"))
    #expect(try epochs(line) == 7)
  }

  @Test("Arithmetic is that of the kernels, of what multiplies and of OpenBLAS's core")
  func arithmeticNames() {
    let packed = Arithmetic(.avx512, .packed, core: "Zen")
    #expect(packed.isSame(as: Arithmetic(.avx2, .packed, core: "Haswell").name))
    #expect(packed.isSame(as: "avx") && !packed.isSame(as: "portable"))
    let blas = Arithmetic(.portable, .openBLAS, core: "Zen")
    #expect(blas.isSame(as: "portable") && !blas.isSame(as: "avx"))
    #expect(!blas.isSame(as: Arithmetic(.portable, .openBLAS, core: "Haswell").name))
    #expect(!blas.isSame(as: Arithmetic(.avx2, .openBLAS, core: "Zen").name))
    #expect(!Arithmetic(.portable, .packed, core: "Zen").isSame(as: "portable"))
  }

  /// The shell makes names that Foundation cannot hold.
  @Test("Names that are no UTF-8 are read, listed, written and shown")
  func names() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(
      [],
      shell: #"""
        set -e
        name=$(printf 'n\351\377'); mkdir "$name"; cd "$name"; mkdir "data$name"
        for part in train valid test; do
          for i in 1 2 3 4 5 6 7 8; do printf 'good\tfine %s\nbad\till %s\n' $i $i; done \
            > "data$name/$part.$name.tsv"
        done
        "$0" train classify --data "data$name" --model "$name" --hidden 4 --embedding 3 \
          --layers 1 --epochs 1 --json "$name.json"
        mkdir link; ln -s "../$name" "link/$name"
        "$0" train classify --data "data$name" --model "link/$name" --resume --epochs 2 > out2
        "$0" evaluate --model "$name" --data "data$name" > out3
        "$0" predict --model "$name" --data "data$name/test.$name.tsv" --output "p$name"
        test -L "link/$name"; test -f "$name"; test -s "$name.json"; test -s "p$name"
        test "$(ls -A | wc -l)" = 7
        """#)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(#"n\xE9\xFF holds it"#), "\(outcome.output)")
  }
}
