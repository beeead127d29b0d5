package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableLogTest {

  @TempDir Path directory;
  private final List<IOException> failures = new ArrayList<>();

  @Test
  void whatWasWrittenIsThereAfterwards() throws IOException {
    UUID candidate = UUID.randomUUID();
    try (DurableLog log = open()) {
      log.currentTerm(3);
      log.votedFor(candidate);
      log.append(1, entries(1, "one", "two"));
      log.append(3, entries(3, "three"));
      log.commitIndex(2);
    }
    try (DurableLog log = open()) {
      assertThat(log.currentTerm()).isEqualTo(3);
      assertThat(log.votedFor()).isEqualTo(candidate);
      assertThat(log.lastAppended()).isEqualTo(3);
      assertThat(log.commitIndex()).isEqualTo(2);
      assertThat(text(log, 2)).isEqualTo("1 two");
      assertThat(text(log, 3)).isEqualTo("3 three");
      assertThat(log.get(4)).isNull();
    }
  }

  @Test
  void aNewTermHasNoVoteAndATermNeverFalls() throws IOException {
    try (DurableLog log = open()) {
      log.currentTerm(3);
      log.votedFor(UUID.randomUUID());
      log.currentTerm(4);
      log.currentTerm(2);
      assertThat(log.currentTerm()).isEqualTo(4);
    }
    try (DurableLog log = open()) {
      assertThat(log.currentTerm()).isEqualTo(4);
      assertThat(log.votedFor()).isNull();
    }
  }

  @Test
  void entriesThatAreCutAreGoneAfterwards() throws IOException {
    try (DurableLog log = open()) {
      log.append(1, entries(1, "one", "two", "three"));
      log.commitIndex(1);
      log.deleteAllEntriesStartingFrom(2);
      log.append(2, entries(2, "other"));
    }
    try (DurableLog log = open()) {
      assertThat(log.lastAppended()).isEqualTo(2);
      assertThat(text(log, 2)).isEqualTo("2 other");
    }
  }

  @Test
  void whatWasAgreedOnIsNeverCut() throws IOException {
    try (DurableLog log = open()) {
      log.append(1, entries(1, "one", "two"));
      log.commitIndex(2);

      assertThatThrownBy(() -> log.deleteAllEntriesStartingFrom(2)).hasMessageContaining("agreed");
      assertThat(failures).hasSize(1);
      assertThatThrownBy(() -> log.append(3, entries(1, "three")))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aSnapshotTakesThePlaceOfWhatIsBeforeIt() throws IOException {
    try (DurableLog log = open()) {
      log.append(1, entries(1, "one", "two", "three"));
      log.commitIndex(2);
      log.setSnapshot(ByteBuffer.wrap("state".getBytes(StandardCharsets.UTF_8)));
      log.truncate(2);
      assertThat(log.get(2).term()).isEqualTo(1);
    }
    try (DurableLog log = open()) {
      assertThat(StandardCharsets.UTF_8.decode(log.getSnapshot()).toString()).isEqualTo("state");
      assertThat(log.firstAppended()).isEqualTo(3);
      assertThat(log.commitIndex()).isEqualTo(2);
      assertThat(log.get(1)).isNull();
      assertThat(log.get(2).term()).isEqualTo(1);
      assertThat(text(log, 3)).isEqualTo("1 three");
      log.append(4, entries(2, "four"));
    }
    try (DurableLog log = open()) {
      assertThat(text(log, 4)).isEqualTo("2 four");
    }
  }

  @Test
  void aLogCanBeginBehindASnapshotOfAnother() throws IOException {
    try (DurableLog log = open()) {
      log.append(1, entries(1, "one"));
      log.reinitializeTo(40, new LogEntry(7, null));
    }
    try (DurableLog log = open()) {
      assertThat(log.lastAppended()).isEqualTo(40);
      assertThat(log.commitIndex()).isEqualTo(40);
      assertThat(log.get(40).term()).isEqualTo(7);
      assertThat(log.currentTerm()).isEqualTo(7);
    }
  }

  @Test
  void anEndThatACrashCutOffIsLeftOut() throws IOException {
    try (DurableLog log = open()) {
      log.append(1, entries(1, "one"));
      log.append(2, entries(1, "two"));
    }
    byte[] whole = Files.readAllBytes(file());
    for (int missing = 1; missing < 15; missing++) {
      Files.write(file(), Arrays.copyOf(whole, whole.length - missing));
      try (DurableLog log = open()) {
        assertThat(log.lastAppended()).isEqualTo(1);
        log.append(2, entries(2, "again"));
      }
      try (DurableLog log = open()) {
        assertThat(text(log, 2)).isEqualTo("2 again");
      }
    }
    Files.write(file(), Arrays.copyOf(whole, whole.length + 4_096));
    try (DurableLog log = open()) {
      assertThat(log.lastAppended()).isEqualTo(2);
    }
  }

  @Test
  void damageBeforeTheEndIsRefused() throws IOException {
    try (DurableLog log = open()) {
      log.append(1, entries(1, "one", "two", "three"));
    }
    byte[] whole = Files.readAllBytes(file());
    whole[LogFrames.HEADER.length + LogFrames.FRAME + 4] ^= 1;
    Files.write(file(), whole);

    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("damaged");
  }

  @Test
  void aDamagedVoteOrSnapshotIsRefused() throws IOException {
    try (DurableLog log = open()) {
      log.currentTerm(3);
      log.setSnapshot(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }
    flip(directory.resolve("snapshot"));
    try (DurableLog log = open()) {
      assertThatThrownBy(log::getSnapshot).hasMessageContaining("damaged");
    }
    flip(directory.resolve("vote"));
    assertThatThrownBy(this::open).isInstanceOf(IOException.class);
  }

  @Test
  void whatIsFoundAfterAFailureIsWrittenAnewBeforeAnythingIsMadeOfIt() throws IOException {
    FailingDisk disk = new FailingDisk();
    UUID candidate = UUID.randomUUID();
    DurableLog log = DurableLog.open(directory, disk, failures::add);
    log.currentTerm(3);
    log.votedFor(candidate);
    log.append(1, entries(3, "one", "two"));
    log.commitIndex(1);
    log.setSnapshot(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    disk.failBehind();
    assertThatThrownBy(() -> log.append(3, entries(3, "three")))
        .hasMessageContaining(FailingDisk.REASON);
    assertThat(log.broken()).isTrue();
    log.close();

    assertThatThrownBy(() -> DurableLog.reopen(directory, disk, failures::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(FailingDisk.REASON);
    disk.work();
    int replaced = disk.replaced.get();
    try (DurableLog again = DurableLog.reopen(directory, disk, failures::add)) {
      // The entries, the vote and the snapshot.
      assertThat(disk.replaced.get()).isEqualTo(replaced + 3);
      assertThat(again.currentTerm()).isEqualTo(3);
      assertThat(again.votedFor()).isEqualTo(candidate);
      assertThat(again.commitIndex()).isEqualTo(1);
      assertThat(text(again, 3)).isEqualTo("3 three");
      assertThat(again.getSnapshot()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      again.append(4, entries(3, "four"));
    }
    try (DurableLog later = open()) {
      assertThat(text(later, 4)).isEqualTo("3 four");
    }
  }

  @Test
  void anyHistoryIsTheSameAfterwards() throws IOException {
    for (long seed = 0; seed < 15; seed++) {
      Random random = new Random(seed);
      Path own = directory.resolve("seed-" + seed);
      DurableLog log = DurableLog.open(own, failures::add);
      for (int step = 0; step < 60; step++) {
        act(random, log);
        if (random.nextInt(8) == 0) {
          String before = log.toString();
          log.close();
          log = DurableLog.open(own, failures::add);
          assertThat(log).as("seed %d", seed).hasToString(before);
        }
      }
      log.close();
    }
    assertThat(failures).isEmpty();
  }

  private static void act(Random random, DurableLog log) {
    long last = log.lastAppended();
    switch (random.nextInt(6)) {
      case 0 ->
          log.commitIndex(log.commitIndex() + random.nextInt((int) (last - log.commitIndex()) + 1));
      case 1 -> log.truncate(log.commitIndex());
      case 2 -> log.deleteAllEntriesStartingFrom(Math.max(log.commitIndex() + 1, last));
      case 3 -> log.currentTerm(log.currentTerm() + random.nextInt(2));
      default -> log.append(last + 1, entries(log.currentTerm(), "x".repeat(random.nextInt(50))));
    }
  }

  private static void flip(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
  }

  private Path file() {
    return directory.resolve("entries");
  }

  private DurableLog open() throws IOException {
    return DurableLog.open(directory, failures::add);
  }

  private static LogEntries entries(long term, String... texts) {
    LogEntries entries = new LogEntries();
    for (String text : texts) {
      entries.add(new LogEntry(term, text.getBytes(StandardCharsets.UTF_8)));
    }
    return entries;
  }

  private static String text(DurableLog log, long index) {
    LogEntry entry = log.get(index);
    return entry.term()
        + " "
        + new String(entry.command(), entry.offset(), entry.length(), StandardCharsets.UTF_8);
  }
}
