package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * What {@code bin/dw} starts in the place of a node where the command alone is tested: it starts at
 * once and is ready. It knows the administrator's token of its start, and none that comes later.
 */
final class StandInNode {

  /** Where it notes what it was started with, in its data directory. */
  static final String NOTED = "noted.properties";

  private StandInNode() {}

  /** Makes the jar that {@code DW_JAR} can name. */
  static Path jar(Path directory) throws IOException {
    Path jar = directory.resolve("stand-in.jar");
    String entry = StandInNode.class.getName().replace('.', '/') + ".class";
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, StandInNode.class.getName());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        InputStream content = StandInNode.class.getResourceAsStream("/" + entry)) {
      out.putNextEntry(new JarEntry(entry));
      content.transferTo(out);
      out.closeEntry();
    }
    return jar;
  }

  /** Runs until it is told to end. */
  public static void main(String[] arguments) throws IOException {
    Path data = Path.of(System.getProperty("dw.data.dir"));
    try (OutputStream noted = Files.newOutputStream(data.resolve(NOTED))) {
      System.getProperties().store(noted, null);
    }
    Path tokens = Path.of(System.getProperty("dw.tokens.dir", data.resolve("secrets").toString()));
    String token = "Bearer " + Files.readString(tokens.resolve("admin.token")).strip();
    InetAddress bind = InetAddress.getByName(System.getProperty("dw.bind"));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(bind, Integer.getInteger("dw.port")), 0);
    server.createContext("/health/ready", exchange -> answer(exchange, 200, "ready"));
    server.createContext(
        "/api/v1/cluster",
        exchange -> {
          boolean known = token.equals(exchange.getRequestHeaders().getFirst("Authorization"));
          answer(exchange, known ? 200 : 401, "one table");
        });
    server.start();
    System.err.println("DW-LISTENING: " + server.getAddress());
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
