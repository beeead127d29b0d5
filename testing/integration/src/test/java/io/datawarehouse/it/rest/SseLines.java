package io.datawarehouse.it.rest;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Server-sent events, line by line, out of chunks or not. */
final class SseLines {

  private final InputStream in;

  SseLines(Wire wire, boolean chunked) {
    in = chunked ? new Chunks(wire.in()) : wire.in();
  }

  /** Waits for a comment: what is published from then on is heard. */
  void awaitComment() throws IOException {
    List<String> lines = block();
    while (lines.stream().noneMatch(line -> line.startsWith(":"))) {
      lines = block();
    }
  }

  /** Returns the lines of the next event. */
  List<String> next() throws IOException {
    List<String> lines = block();
    while (lines.stream().noneMatch(line -> line.startsWith("data:"))) {
      lines = block();
    }
    return lines;
  }

  private List<String> block() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = Answer.line(in); !line.isEmpty(); line = Answer.line(in)) {
      lines.add(line);
    }
    return lines;
  }

  private static final class Chunks extends InputStream {

    private final InputStream source;
    private int left;

    Chunks(InputStream source) {
      this.source = source;
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        left = Integer.parseInt(Answer.line(source).strip(), 16);
        if (left == 0) {
          return -1;
        }
      }
      int value = source.read();
      if (--left == 0) {
        Answer.line(source);
      }
      return value;
    }
  }
}
