package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {

  private static final Optional<NodeId> UNNAMED = Optional.empty();

  @TempDir Path parent;
  private Path path;

  @BeforeEach
  void locate() {
    path = parent.resolve("not").resolve("there-yet");
  }

  @Test
  void missingDirectoryIsMadeForItsOwnerOnly() throws IOException {
    try (DataDirectory directory = open(UNNAMED)) {
      assertThat(directory.path()).isEqualTo(path).isDirectory();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rwx------");
      assertThat(directory.usableBytes()).isPositive();
    }
  }

  @Test
  void identityIsMadeOnceAndKept() throws IOException {
    NodeId id;
    try (DataDirectory directory = open(UNNAMED)) {
      id = directory.nodeId();
      assertThat(id.value()).matches("node-[0-9a-f]{8}");
      assertThat(path.resolve("node.id")).hasContent(id.value());
    }
    try (DataDirectory again = open(UNNAMED)) {
      assertThat(again.nodeId()).isEqualTo(id);
    }
  }

  @Test
  void nameThatIsConfiguredIsTaken() throws IOException {
    try (DataDirectory directory = open(Optional.of(new NodeId("alpha")))) {
      assertThat(directory.nodeId()).isEqualTo(new NodeId("alpha"));
    }
    try (DataDirectory directory = open(Optional.of(new NodeId("alpha")))) {
      assertThat(directory.nodeId()).isEqualTo(new NodeId("alpha"));
    }
  }

  @Test
  void nodeKeepsItsName() throws IOException {
    open(Optional.of(new NodeId("alpha"))).close();

    assertThatThrownBy(() -> open(Optional.of(new NodeId("beta"))))
        .hasMessageContainingAll("dw.node.name is 'beta'", "belongs to node 'alpha'");
  }

  @Test
  void refusalWithinTheProcessLeavesTheLockAgainstOtherProcesses() throws Exception {
    try (DataDirectory first = open(UNNAMED)) {
      assertThatThrownBy(() -> open(UNNAMED)).hasMessageContaining("is in use by another node");

      assertThat(OtherProcess.locks(first.path())).isFalse();
    }
    assertThat(OtherProcess.locks(path)).isTrue();
  }

  @Test
  void secondNodeIsRefusedUnderAnotherNameOfTheDirectory() throws IOException {
    try (DataDirectory first = open(UNNAMED)) {
      Path link = Files.createSymbolicLink(parent.resolve("link"), first.path());

      assertThatThrownBy(() -> DataDirectory.open(link, UNNAMED, new Random(1)))
          .hasMessage("data directory '" + link + "' is in use by another node");
    }
  }

  @Test
  void closingTwiceDoesNotFreeWhatSomebodyElseTook() throws IOException {
    DataDirectory first = open(UNNAMED);
    first.close();
    try (DataDirectory second = open(UNNAMED)) {
      first.close();

      assertThat(second.path()).isEqualTo(path);
      assertThatThrownBy(() -> open(UNNAMED)).hasMessageContaining("is in use by another node");
    }
  }

  @Test
  void secondNodeOnTheDirectoryIsRefusedUntilTheFirstIsGone() throws IOException {
    try (DataDirectory first = open(UNNAMED)) {
      assertThat(first.path()).isEqualTo(path);
      assertThatThrownBy(() -> open(UNNAMED))
          .hasMessage("data directory '" + path + "' is in use by another node")
          .extracting(e -> ((WarehouseException) e).code())
          .isEqualTo(StandardErrorCode.BOOT_FAILED);
    }
    open(UNNAMED).close();
  }

  @Test
  void refusedDirectoryIsNotHeld() throws IOException {
    open(UNNAMED).close();
    Files.writeString(path.resolve("format"), "7\n");
    assertThatThrownBy(() -> open(UNNAMED)).hasMessageContaining("has format 7");
    Files.writeString(path.resolve("format"), "1\n");

    open(UNNAMED).close();
  }

  @Test
  void directoryOfANewerReleaseIsLeftAlone() throws IOException {
    open(UNNAMED).close();
    Files.writeString(path.resolve("format"), "2\n");

    assertThatThrownBy(() -> open(UNNAMED))
        .hasMessageContainingAll(
            "has format 2", "knows formats up to 1", "start it with the release that wrote it");
    assertThat(path.resolve("format")).hasContent("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "-1", "0", "99999999999"})
  void markerThatIsNoFormatIsRefused(String text) throws IOException {
    open(UNNAMED).close();
    Files.writeString(path.resolve("format"), text);

    assertThatThrownBy(() -> open(UNNAMED))
        .hasMessageContaining("does not hold the number of a format");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "../x"})
  void identityThatIsNoneIsRefused(String text) throws IOException {
    open(UNNAMED).close();
    Files.writeString(path.resolve("node.id"), text);

    assertThatThrownBy(() -> open(UNNAMED))
        .hasMessageContainingAll("node.id", "does not hold the name of a node");
  }

  @Test
  void runsAreNumberedByTheClock() throws IOException {
    try (DataDirectory directory = open(UNNAMED)) {
      assertThat(directory.nextRun(1_000)).isEqualTo(1_000);
      assertThat(path.resolve("node.run")).hasContent("1000");
    }
    try (DataDirectory again = open(UNNAMED)) {
      assertThat(again.nextRun(5_000)).isEqualTo(5_000);
    }
  }

  @Test
  void numbersOfRunsGrowThoughTheClockWentBack() throws IOException {
    try (DataDirectory directory = open(UNNAMED)) {
      directory.nextRun(1_000_000);
    }
    try (DataDirectory again = open(UNNAMED)) {
      assertThat(again.nextRun(400)).isEqualTo(1_000_001);
    }
    try (DataDirectory again = open(UNNAMED)) {
      assertThat(again.nextRun(-5)).isEqualTo(1_000_002);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "-1", "9223372036854775807", "92233720368547758070"})
  void numberThatIsNoneOfARunIsRefusedAndKept(String text) throws IOException {
    try (DataDirectory directory = open(UNNAMED)) {
      Files.writeString(path.resolve("node.run"), text);

      assertThatThrownBy(() -> directory.nextRun(1_000))
          .isInstanceOf(WarehouseException.class)
          .hasMessageContainingAll("node.run", "does not hold the number of a run", "delete it");
      assertThat(path.resolve("node.run")).hasContent(text);
    }
  }

  @Test
  void runThatCannotBeKeptIsNone() throws IOException {
    try (DataDirectory directory = open(UNNAMED)) {
      Files.createDirectories(path.resolve(".node.run.tmp").resolve("in the way"));

      assertThatThrownBy(() -> directory.nextRun(1_000))
          .isInstanceOf(WarehouseException.class)
          .hasMessageContaining("node.run");
    }
  }

  @Test
  void fileInItsPlaceIsNoDirectory() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");

    assertThatThrownBy(() -> DataDirectory.open(file, UNNAMED, new Random(1)))
        .hasMessage("data directory '" + file + "' is not a directory");
  }

  @Test
  void fileAboveItIsInTheWay() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");

    assertThatThrownBy(() -> DataDirectory.open(file.resolve("data"), UNNAMED, new Random(1)))
        .hasMessageStartingWith("data directory '" + file.resolve("data") + "' cannot be made: ");
  }

  private DataDirectory open(Optional<NodeId> name) {
    return DataDirectory.open(path, name, new Random());
  }

  /** Another process that tries for the lock. */
  static final class OtherProcess {

    private static final int LOCKED = 10;
    private static final int REFUSED = 11;

    private OtherProcess() {}

    static boolean locks(Path directory) throws Exception {
      Path classes =
          Path.of(OtherProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  classes.toString(),
                  OtherProcess.class.getName(),
                  directory.resolve("node.lock").toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      int status = process.waitFor();
      assertThat(status).isIn(LOCKED, REFUSED);
      return status == LOCKED;
    }

    public static void main(String[] file) throws IOException {
      boolean locked;
      try (FileChannel channel = FileChannel.open(Path.of(file[0]), StandardOpenOption.WRITE)) {
        locked = channel.tryLock() != null;
      }
      System.exit(locked ? LOCKED : REFUSED);
    }
  }
}
