import RNNCore
import RNNParallel
import Testing

@testable import RNNStudies

@Suite("Training in shards")
struct TrainShardsTests {
  @Test("The same bits on any number of threads, in one part or in several")
  func sameBits() throws {
    for kind in TrainedKind.ofEachLearner {
      let line = try CommandLine()
      defer { line.remove() }
      try line.fillTinyData()
      func train(_ more: [String]) throws -> [String: [Float]] {
        let outcome = try line.run(
          kind.arguments(["--shards", "3", "--patience", "0", "--schedule", "constant"] + more))
        #expect(outcome.code == 0, "\(kind.name): \(outcome.errors)")
        return try line.tensors("m")
      }
      let whole = try train(["--threads", "1"])
      #expect(try train(["--threads", "2", "--overwrite"]) == whole, "\(kind.name)")
      _ = try train(["--threads", "2", "--epochs", "1", "--overwrite"])
      #expect(try train(["--threads", "1", "--resume"]) == whole, "\(kind.name)")
    }
  }

  @Test("A run goes on with the shards that it has")
  func sameShards() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let kind = TrainedKind.all[1]
    #expect(try line.run(kind.arguments(["--shards", "3", "--accumulate", "2"])).code == 0)
    let other = try line.run(kind.arguments(["--resume", "--epochs", "4", "--shards", "2"]))
    #expect(other.code == 1 && other.errors.contains("another --shards"), "\(other.errors)")
    let more = try line.run(kind.arguments(["--resume", "--epochs", "4", "--accumulate", "1"]))
    #expect(more.code == 1 && more.errors.contains("another --accumulate"), "\(more.errors)")
    #expect(try line.run(kind.arguments(["--resume", "--epochs", "4"])).code == 0)
  }

  @Test("Batches whose gradients make one update are as good as a larger batch")
  func accumulates() throws {
    for kind in TrainedKind.ofEachLearner {
      let line = try CommandLine()
      defer { line.remove() }
      try line.fillTinyData()
      let found = try [["--accumulate", "3"], ["--batch", "12", "--shards", "3"]].map { more in
        let outcome = try line.run(kind.arguments(["--overwrite"] + more))
        #expect(outcome.code == 0, "\(kind.name): \(outcome.errors)")
        return try line.tensors("m")
      }
      #expect(found[0] == found[1], "\(kind.name)")
    }
  }

  @Test("A program without MPI is not one of several", .enabled(if: !Ranks.isAvailable))
  func withoutMPI() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let outcome = try line.run(
      TrainedKind.all[1].arguments(),
      environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"])
    #expect(outcome.code == 1 && outcome.errors.contains("make mpi"), "\(outcome.errors)")
    #expect(!line.contents.contains("m"))
  }
}
