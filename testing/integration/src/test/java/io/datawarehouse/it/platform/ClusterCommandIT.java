package io.datawarehouse.it.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.platform.DwCommand.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code bin/dw} itself does with several nodes: stand-ins that start at once and end as the
 * test wants. {@link LocalClusterIT} has real ones.
 */
class ClusterCommandIT {

  private static final int PORT = 18_160;
  private static final String TOKEN = "0123456789-abcdefghijklmnopqrstuvwxyz_ABCDE";

  @TempDir Path directory;
  private DwCommand dw;
  private Path data;
  private Map<String, String> standIns;

  @BeforeEach
  void locate() throws IOException {
    directory = directory.toRealPath();
    dw = new DwCommand(directory);
    data = directory.resolve("cluster");
    standIns =
        Map.of(
            "DW_JAR", StandInNode.jar(directory).toString(),
            "DW_STOP_TIMEOUT", "3",
            "DW_JAVA_OPTS", "-Xmx32m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
  }

  @AfterEach
  void stop() {
    dw.run(standIns, "stop", "--data", data.toString());
  }

  private Result dw(String... arguments) {
    return dw.run(standIns, arguments);
  }

  private void run(int nodes) {
    Result run =
        dw(
            "run",
            "--nodes",
            "" + nodes,
            "--port",
            "" + PORT,
            "--data",
            data.toString(),
            "--detach");
    assertThat(run.exitCode()).as(run.errors()).isZero();
  }

  /** Starts in the foreground, and returns when all are ready. */
  private Process foreground(int nodes) {
    return dw.startUntil(
        standIns,
        "Ctrl-C stops it",
        "run",
        "--nodes",
        "" + nodes,
        "--port",
        "" + PORT,
        "--data",
        data.toString());
  }

  private Properties noted(int node) throws IOException {
    Properties noted = new Properties();
    try (InputStream in =
        Files.newInputStream(data.resolve("node-" + node + "/noted.properties"))) {
      noted.load(in);
    }
    return noted;
  }

  private String founders(int node) throws IOException {
    return noted(node).getProperty("dw.cluster.founding-nodes");
  }

  private void vote(int node) throws IOException {
    Path log = Files.createDirectories(data.resolve("node-" + node + "/kernel/raft/log"));
    Files.createFile(log.resolve("vote"));
  }

  /** Ends a node as the system does that has no memory left. */
  private void crash(int node) throws IOException {
    String pid = Files.readString(data.resolve("node-" + node + "/node.pid")).strip();
    assertThat(ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly()).isTrue();
  }

  @Test
  void newNodesFoundTogetherAndThoseThatAreAddedFoundNothing() throws IOException {
    run(1);
    assertThat(founders(1)).isEqualTo("1");
    dw("stop", "--data", data.toString());
    vote(1);

    run(3);

    assertThat(founders(1)).as("who has voted keeps a number").isEqualTo("3");
    assertThat(founders(2)).isEqualTo("0");
    assertThat(founders(3)).isEqualTo("0");
    dw("node", "stop", "3", "--data", data.toString());
    dw("node", "start", "3", "--data", data.toString());
    assertThat(founders(3)).isEqualTo("0");
  }

  @Test
  void nodeThatLostItsDirectoryStartsWithANewOneAndFoundsNothing() throws IOException {
    run(2);
    vote(1);
    dw("node", "stop", "2", "--data", data.toString());
    Trees.delete(data.resolve("node-2"));

    Result start = dw("node", "start", "2", "--data", data.toString());

    assertThat(start.exitCode()).as(start.errors()).isZero();
    assertThat(founders(2)).isEqualTo("0");
  }

  @Test
  void foundingThatBrokeOffGoesOnWithTheSameNumber() throws IOException {
    run(2);
    dw("stop", "--data", data.toString());

    run(2);

    assertThat(founders(1)).isEqualTo("2");
    assertThat(founders(2)).isEqualTo("2");
  }

  @Test
  void tokensAreThoseOfTheClusterWhateverANodeHasOfItsOwn() throws IOException {
    Path own = Files.createDirectories(data.resolve("node-1/secrets")).resolve("admin.token");
    Files.writeString(own, "leaked-" + TOKEN);
    run(1);
    Path ofAll = data.resolve("secrets/admin.token");

    assertThat(noted(1).getProperty("dw.tokens.dir")).isEqualTo(ofAll.getParent().toString());
    assertThat(own.toRealPath()).isEqualTo(ofAll.toRealPath());

    replace(ofAll, TOKEN);
    dw("node", "stop", "1", "--data", data.toString());
    dw("node", "start", "1", "--data", data.toString());

    assertThat(ofAll).hasContent(TOKEN);
    assertThat(own).hasContent(TOKEN);
    assertThat(dw("token", "--data", data.toString()).output()).isEqualTo(TOKEN + "\n");
    assertThat(dw("cluster", "--data", data.toString()).output()).isEqualTo("one table\n");
  }

  @Test
  void tokenThatNodesDoNotKnowIsToldFromNodesThatDoNotAnswer() throws IOException {
    run(2);
    replace(data.resolve("secrets/admin.token"), TOKEN);

    Result strange = dw("cluster", "--data", data.toString());
    dw("stop", "--data", data.toString());
    Result silent = dw("cluster", "--data", data.toString());

    assertThat(strange.exitCode()).isEqualTo(1);
    assertThat(strange.errorLines())
        .singleElement()
        .asString()
        .contains(data.resolve("secrets/admin.token").toString(), "is not known to node 1 2");
    assertThat(silent.exitCode()).isEqualTo(3);
    assertThat(silent.output()).isEqualTo("No node of " + data + " answers.\n");
  }

  /** As an operator should: by another file, at one stroke. */
  private static void replace(Path file, String token) throws IOException {
    Path fresh = file.resolveSibling("fresh");
    Files.writeString(fresh, token + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void foregroundEndsWithAFailureThatNamesTheNodesWhenAllEndByThemselves() throws Exception {
    Process foreground = foreground(2);

    crash(2);
    assertThat(nextLine(foreground)).startsWith("dw: node 2 ended by itself with code 137; see '");
    crash(1);

    assertThat(nextLine(foreground)).startsWith("dw: node 1 ended by itself with code 137; see '");
    assertThat(nextLine(foreground))
        .isEqualTo("dw: no node runs on '" + data + "' any more; ended by themselves: node 1 2");
    assertThat(foreground.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(foreground.exitValue()).isEqualTo(1);
  }

  @Test
  void foregroundTakesNodesThatTheCommandEndsForNoFailure() throws Exception {
    Process foreground = foreground(3);

    dw("node", "kill", "1", "--data", data.toString());
    dw("node", "start", "1", "--data", data.toString());
    dw("node", "kill", "1", "--data", data.toString());
    dw("node", "stop", "2", "--data", data.toString());
    dw("stop", "--data", data.toString());

    assertThat(nextLine(foreground)).isEqualTo("No node runs on " + data + ".");
    assertThat(foreground.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(foreground.exitValue()).isZero();
  }

  @Test
  void foregroundThatIsInterruptedStopsWhatIsLeft() throws Exception {
    Process foreground = foreground(2);
    crash(1);
    assertThat(nextLine(foreground)).startsWith("dw: node 1 ended by itself with code 137");

    new ProcessBuilder("bash", "-c", "kill -INT " + foreground.pid()).start().waitFor();

    assertThat(nextLine(foreground)).isEqualTo("Stopped.");
    assertThat(foreground.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(foreground.exitValue()).isZero();
    assertThat(data.resolve("node-2/node.pid")).doesNotExist();
  }

  private static String nextLine(Process process) throws IOException {
    return process.inputReader(StandardCharsets.UTF_8).readLine();
  }

  /** In a container whose process 1 does nothing, an orphan that has ended stays a zombie. */
  @Test
  void nodeWhoseEndNobodyTakesNoteOfHasEnded() throws IOException {
    Files.createDirectories(data.resolve("cluster"));
    Files.writeString(data.resolve("cluster/settings"), PORT + " 127.0.0.1 2\n");
    Process first = negligentParent(data.resolve("node-1"));
    Process second = negligentParent(data.resolve("node-2"));
    try {
      Result stopOne = dw("node", "stop", "1", "--data", data.toString());
      Result stopAll = dw("stop", "--data", data.toString());

      assertThat(stopOne.exitCode()).as(stopOne.errors()).isZero();
      assertThat(stopOne.output()).isEqualTo("Stopped node 1.\n");
      assertThat(stopAll.exitCode()).as(stopAll.errors()).isZero();
      assertThat(stopAll.output()).isEqualTo("Stopped.\n");
      assertThat(dw("status", "--data", data.toString()).exitCode()).isEqualTo(3);
    } finally {
      first.destroyForcibly();
      second.destroyForcibly();
    }
  }

  /** Starts what passes for a node, as the child of a process that never reaps it. */
  private static Process negligentParent(Path data) {
    try {
      Files.createDirectories(data);
      Process parent =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  "bash -c 'read -r line' \"-Ddw.data.dir=$0\" <&0 & echo $! >\"$0/node.pid\";"
                      + " echo; exec sleep 600",
                  data.toString())
              .start();
      BufferedReader output = parent.inputReader(StandardCharsets.UTF_8);
      assertThat(output.readLine()).isEmpty();
      return parent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
