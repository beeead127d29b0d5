package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed in the middle of its writes. */
final class RaftCrashTest {

  private static final int SNAPSHOT_BYTES = 64 << 10;

  @TempDir Path directory;

  @Test
  void whatAKilledProcessAcknowledgedIsThereWhenItStartsAgain() throws Exception {
    int acknowledged = 0;
    for (int round = 0; round < 3; round++) {
      acknowledged = writeUntilKilled(round + 1, acknowledged + 40);
    }

    try (RaftNodes nodes = new RaftNodes(directory, 1, SNAPSHOT_BYTES)) {
      nodes.startAs("a", 100);
      nodes.awaitLeader();
      List<RegistryEntry> entries =
          RaftNodes.join(nodes.get("a").list("test", RaftNodes.LATEST).toCompletableFuture());
      List<String> keys = entries.stream().map(entry -> entry.address().key()).toList();
      for (int i = 1; i <= acknowledged; i++) {
        assertThat(keys).contains("key-" + i);
      }
    }
  }

  /** Returns the last that was acknowledged before the process was killed. */
  private int writeUntilKilled(int run, int atLeast) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                directory.toString(),
                Integer.toString(run))
            .redirectErrorStream(true)
            .start();
    int last = 0;
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line).append('\n');
        if (line.startsWith("acknowledged ")) {
          last = Integer.parseInt(line.substring("acknowledged ".length()));
          if (last >= atLeast && process.isAlive()) {
            // SIGKILL, by its handle: what it said before is read on.
            process.toHandle().destroyForcibly();
          }
        }
      }
    }
    process.waitFor();
    assertThat(last).as(said.toString()).isGreaterThanOrEqualTo(atLeast);
    return last;
  }

  /** Puts one key after the other, from where it finds that it stopped. */
  static final class Writer {

    private Writer() {}

    public static void main(String[] arguments) throws Exception {
      try (RaftNodes nodes = new RaftNodes(Path.of(arguments[0]), 1, SNAPSHOT_BYTES)) {
        RaftCoordinator alone = nodes.startAs("a", Long.parseLong(arguments[1]));
        nodes.awaitLeader();
        int next =
            RaftNodes.join(alone.list("test", RaftNodes.LATEST).toCompletableFuture()).stream()
                    .map(entry -> Integer.parseInt(entry.address().key().substring(4)))
                    .collect(Collectors.reducing(0, Math::max))
                + 1;
        String padding = "x".repeat(3_000);
        while (true) {
          RaftNodes.put(alone, "key-" + next, padding);
          System.out.println("acknowledged " + next);
          next++;
        }
      }
    }
  }
}
