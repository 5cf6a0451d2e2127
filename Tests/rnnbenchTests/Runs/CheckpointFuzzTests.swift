import Foundation
import RNNTasks
import TestSupport
import Testing

@testable import RNNCore
@testable import RNNStudies
@testable import rnnbench

@Suite("Damaged checkpoints of train")
struct CheckpointFuzzTests {
  /// A run with a file in the middle of its second epoch, and the data that it reads.
  private struct Fixture {
    let line: CommandLine
    /// Nil for data that are generated.
    let data: URL?
    let team: ThreadTeam
    var path: String { line.path("m") }

    init(_ kind: TaskName) throws {
      line = try CommandLine()
      try line.fillTinyData()
      let names: [TaskName: String] = [
        .tag: "tags", .lm: "text", .classify: "classes.tsv", .music: "tunes.json",
        .translate: "parallel", .autoencode: "classes.tsv", .parse: "trees", .vqa: "pictures",
      ]
      data =
        kind == .transduce
        ? nil : URL(fileURLWithPath: line.path(try #require(names[kind], "data of a kind")))
      team = try ThreadTeam(count: 1)
      var settings = TrainSettings.standard(for: kind, unit: nil, threads: 1)
      (settings.model.hidden, settings.model.embedding, settings.model.layers) = (4, 3, 1)
      (settings.model.dropout, settings.averaging, settings.batch) = (0.2, 0.9, 4)
      (settings.data.steps, settings.data.wordDropout) = (9, kind == .lm ? 0 : 0.1)
      if kind == .vqa { (settings.data.patch, settings.data.minimumCount) = (4, 1) }
      if kind == .transduce {
        (settings.data.problem, settings.data.pairs, settings.data.lengths) = (.sort, 30, 3...5)
      }
      let session = try TrainSession(settings, data: data, path: line.path("m"), team: team)
      let run = session.run
      for _ in 0...(run.updatesPerEpoch ?? 1) {
        try run.step()
        if run.isAtEpochEnd { try run.look() }
      }
      try run.save(
        to: path,
        metadata: SavedRun.metadata(
          settings, encoding: session.task.encoding, fingerprint: session.task.fingerprint))
    }

    /// The best parameters after one more update, a look and a checkpoint.
    func resumed(_ path: String) throws -> [[Float]] {
      let checkpoint = try TrainingCheckpoint(reading: path)
      let saved = try SavedRun(checkpoint.model)
      let run = try TrainSession(
        resuming: checkpoint, saved: saved, settings: saved.settings, data: data, team: team
      ).run
      try run.step()
      let updates = try #require(run.updatesPerEpoch)
      #expect(run.course.epochs == run.course.updates / updates)
      try run.look()
      try run.save(to: line.path("next"))
      try run.useBest()
      return try run.model.parameters.layout.slices.map {
        try run.model.parameters.values(of: $0.name)
      }
    }
  }

  @Test("Damaged bytes are refused, or change nothing", arguments: TaskName.learned)
  func bytes(_ kind: TaskName) throws {
    let fixture = try Fixture(kind)
    defer { fixture.line.remove() }
    let expected = try fixture.resumed(fixture.path)
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.path)))
    var mutator = Mutator(seed: 3)
    for round in 0..<100 {
      try fixture.line.write(Data(mutator.mutated(original)), to: "bad")
      do {
        #expect(try fixture.resumed(fixture.line.path("bad")) == expected, "round \(round)")
      } catch {
        #expect(error is RNNError, "round \(round): \(error)")
      }
    }
  }

  @Test(
    "Damaged texts under a right checksum are refused, or are those of a run that can go on",
    arguments: TaskName.learned)
  func texts(_ kind: TaskName) throws {
    let fixture = try Fixture(kind)
    defer { fixture.line.remove() }
    let file = try SafeTensorsFile(reading: fixture.path)
    let tensors = file.tensors.map { (name: $0.name, shape: $0.shape) }
    let keys = file.metadata.keys.sorted().filter { $0 != "format" }
    #expect(keys.count >= 6, "\(keys)")
    var mutator = Mutator(seed: 8)
    for round in 0..<180 {
      var metadata = file.metadata
      let key = keys[round % keys.count]
      let text = try #require(metadata[key])
      metadata[key] = String(decoding: mutator.mutated(Array(text.utf8)), as: UTF8.self)
      try SafeTensorsFile.write(tensors, metadata: metadata, to: fixture.line.path("bad")) {
        (name: String) throws(RNNError) in try file.values(of: name)
      }
      do {
        _ = try fixture.resumed(fixture.line.path("bad"))
      } catch {
        #expect(error is RNNError, "round \(round), \(key): \(error), \(metadata[key] ?? "")")
      }
    }
  }
}
