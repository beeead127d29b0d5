package io.datawarehouse.it.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A response as it came over the wire. */
record Answer(int status, Map<String, List<String>> headers, byte[] body) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads one response; the body is there, but for a HEAD, when this returns. */
  static Answer read(InputStream in, boolean head) throws IOException {
    Answer begun = readHead(in);
    if (begun.status == 100) {
      return read(in, head);
    }
    boolean empty = head || begun.status == 204 || begun.status == 304;
    return new Answer(begun.status, begun.headers, empty ? new byte[0] : begun.readBody(in));
  }

  /** Reads a status line and the headers. */
  static Answer readHead(InputStream in) throws IOException {
    String statusLine = line(in);
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(statusLine.split(" ")[1]), headers, new byte[0]);
  }

  private byte[] readBody(InputStream in) throws IOException {
    if (header("transfer-encoding").isPresent()) {
      return readChunks(in);
    }
    if (header("content-length").isEmpty()) {
      return in.readAllBytes();
    }
    int length = Integer.parseInt(header("content-length").get());
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the body ended after " + body.length + " of " + length + " bytes");
    }
    return body;
  }

  private static byte[] readChunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = chunk(in); size > 0; size = chunk(in)) {
      body.write(in.readNBytes(size));
      line(in);
    }
    line(in);
    return body.toByteArray();
  }

  private static int chunk(InputStream in) throws IOException {
    return Integer.parseInt(line(in).strip(), 16);
  }

  static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended after '" + line + "'");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** Returns the value of a header that stands at most once. */
  Optional<String> header(String name) {
    List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    if (values.size() > 1) {
      throw new AssertionError(name + " stands more than once: " + values);
    }
    return values.stream().findFirst();
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  JsonNode json() {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new UncheckedIOException(text(), e);
    }
  }

  /** Returns the code of a problem; empty where the answer is none. */
  String code() {
    return header("content-type").filter("application/problem+json"::equals).isPresent()
        ? json().path("code").asText()
        : "";
  }

  @Override
  public String toString() {
    return status + " " + headers + " " + (body.length < 2000 ? text() : body.length + " bytes");
  }
}
