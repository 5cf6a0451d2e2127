import RNNCore
import Testing

@testable import RNNParallel
@testable import TestSupport

@Suite("What started a process")
struct LauncherTests {
  @Test("is what its environment says")
  func known() {
    func launcher(_ environment: [String: String]) -> Launcher? {
      Launcher(environment: { environment[$0] })
    }
    #expect(launcher([:]) == nil)
    #expect(launcher(["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"]) == nil)
    let open = launcher(["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"])
    #expect(open?.name == "mpirun" && open?.count == 4 && open?.rank == 2)
    let hydra = launcher(["PMI_SIZE": "3", "PMI_RANK": "1"])
    #expect(hydra?.name == "mpirun" && hydra?.count == 3 && hydra?.rank == 1)
    let slurm = launcher(["SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "7"])
    #expect(slurm?.name == "srun" && slurm?.count == 8 && slurm?.rank == 7)
    // In an allocation of Slurm that runs one process.
    #expect(launcher(["SLURM_NTASKS": "8", "SLURM_PROCID": "0"]) == nil)
    #expect(launcher(["PMI_SIZE": "many"]) == nil)
  }

  @Test("A process that was started alone has no ranks")
  func alone() throws {
    guard Launcher() == nil else { return }
    #expect(try Ranks.start() == nil)
  }
}
