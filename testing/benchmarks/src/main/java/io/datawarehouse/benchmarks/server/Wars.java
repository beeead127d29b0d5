package io.datawarehouse.benchmarks.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes the two applications that the node is compared with. */
public final class Wars {

  /** By name: here, outside of a server, the classes cannot be loaded. */
  private static final List<String> BASELINE =
      List.of(
          "io/datawarehouse/benchmarks/baseline/BaselineApplication.class",
          "io/datawarehouse/benchmarks/baseline/BaselineResource.class");

  private Wars() {}

  /** Writes the bare resource. */
  public static Path baseline(Path directory) throws IOException {
    Path war = directory.resolve("baseline.war");
    try (ZipOutputStream zip = open(war)) {
      addIndex(zip);
      for (String name : BASELINE) {
        zip.putNextEntry(new ZipEntry("WEB-INF/classes/" + name));
        try (InputStream source =
            Objects.requireNonNull(Wars.class.getClassLoader().getResourceAsStream(name), name)) {
          source.transferTo(zip);
        }
        zip.closeEntry();
      }
    }
    return war;
  }

  /** Writes an application of one static page. */
  public static Path empty(Path directory) throws IOException {
    Path war = directory.resolve("empty.war");
    try (ZipOutputStream zip = open(war)) {
      addIndex(zip);
    }
    return war;
  }

  private static void addIndex(ZipOutputStream zip) throws IOException {
    zip.putNextEntry(new ZipEntry("index.html"));
    zip.write("ready".getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  private static ZipOutputStream open(Path war) throws IOException {
    Files.createDirectories(Objects.requireNonNull(war.getParent()));
    OutputStream target = Files.newOutputStream(war);
    return new ZipOutputStream(target);
  }
}
