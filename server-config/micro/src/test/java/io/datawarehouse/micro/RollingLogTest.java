package io.datawarehouse.micro;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollingLogTest {

  @TempDir Path directory;

  @Test
  void startsAnotherFileAfterTheLineThatFillsOne() throws IOException {
    try (RollingLog log = new RollingLog(directory, 10, 3)) {
      print(log, "first line, long\n", "second\n");
    }

    assertThat(directory.resolve("node.log")).hasContent("second\n");
    assertThat(directory.resolve("node.log.1")).hasContent("first line, long\n");
  }

  @Test
  void keepsNoMoreFilesThanTold() throws IOException {
    try (RollingLog log = new RollingLog(directory, 4, 3)) {
      print(log, "one.\n", "two.\n", "three.\n", "four.\n", "x");
    }

    assertThat(names()).containsExactly("node.log", "node.log.1", "node.log.2");
    assertThat(directory.resolve("node.log.2")).hasContent("three.\n");
  }

  @Test
  void doesNotTearALineThatComesInPieces() throws IOException {
    try (RollingLog log = new RollingLog(directory, 4, 3)) {
      print(log, "12345", "67\n", "8");
    }

    assertThat(directory.resolve("node.log.1")).hasContent("1234567\n");
    assertThat(directory.resolve("node.log")).hasContent("8");
  }

  @Test
  void beginsANewFileAtEachStart() throws IOException {
    try (RollingLog log = new RollingLog(directory, 100, 3)) {
      print(log, "before\n");
    }
    try (RollingLog log = new RollingLog(directory, 100, 3)) {
      print(log, "after\n");
    }

    assertThat(directory.resolve("node.log")).hasContent("after\n");
    assertThat(directory.resolve("node.log.1")).hasContent("before\n");
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void print(RollingLog log, String... texts) throws IOException {
    for (String text : texts) {
      log.write(text.getBytes(UTF_8));
    }
  }
}
