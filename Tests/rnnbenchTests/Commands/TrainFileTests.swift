import Foundation
import RNNCore
import Testing

@Suite("The files of train")
struct TrainFileTests {
  private let kind = TrainedKind.all[1]

  private func epochs(_ line: CommandLine) throws -> Int {
    let file = try ModelFile(reading: line.path("m"))
    let course = try #require(file.metadata["rnntasks.course"])
    let object = try JSONSerialization.jsonObject(with: Data(course.utf8)) as? [String: Any]
    return try #require(object?["epochs"] as? Int)
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
    #expect(try epochs(line) == 6)
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
