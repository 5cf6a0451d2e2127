import RNNCore
import RNNTasks

/// A task with what it is called on the command line.
package struct NamedTask {
  package let name: TaskName
  package let task: any SequenceTask
  /// Of generated data; nil for data from files.
  package let dataSeed: UInt64?

  /// The seed of generated data where none is given.
  package static let standardSeed: UInt64 = 1

  package init(_ name: TaskName, options: TaskOptions = TaskOptions()) throws(RNNError) {
    self.name = name
    do throws(RNNError) { task = try makeTask(name, options: options) } catch {
      throw error.argument == "length of \(name.rawValue)" ? error.naming("--length") : error
    }
    dataSeed = options.data == nil ? options.seed : nil
  }
}
