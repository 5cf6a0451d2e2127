internal import CLibrary
import RNNCore

/// What started this process as one of several, as it says in the environment.
public struct Launcher: Hashable, Sendable {
  /// Such as `mpirun`.
  public let name: String
  /// How many processes it started.
  public let count: Int
  /// The number of this one; nil where it does not say.
  public let rank: Int?

  /// The variables of launchers: of Open MPI, of MPICH and its kin, of Slurm for one step.
  private static let known = [
    (name: "mpirun", count: "OMPI_COMM_WORLD_SIZE", rank: "OMPI_COMM_WORLD_RANK"),
    (name: "mpirun", count: "PMI_SIZE", rank: "PMI_RANK"),
    (name: "srun", count: "SLURM_STEP_NUM_TASKS", rank: "SLURM_PROCID"),
  ]

  /// Nil for a process that nobody started as one of several.
  public init?() { self.init(environment: environmentValue(of:)) }

  init?(environment: (String) -> String?) {
    for (name, count, rank) in Self.known {
      guard let number = environment(count).flatMap({ Int($0) }), number > 1 else { continue }
      (self.name, self.count) = (name, number)
      self.rank = environment(rank).flatMap { Int($0) }
      return
    }
    return nil
  }
}
