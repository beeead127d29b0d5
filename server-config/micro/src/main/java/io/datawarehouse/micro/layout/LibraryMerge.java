package io.datawarehouse.micro.layout;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes the jars of one directory into another: as one jar what {@link MergePlan} puts together,
 * the others as they are. A class loader asks its jars in turn, so what few of them hold is found,
 * or known to be missing, sooner. No jar names others in its manifest any more: they all stand on
 * the class path, and many of the names are of files that are not there, which Java looks for again
 * for every jar that names them.
 *
 * <p>The merged jar is not compressed, and depends on nothing but its sources.
 */
public final class LibraryMerge {

  private static final LocalDateTime ALWAYS = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final Path target;
  private final String mergedName;

  private LibraryMerge(Path target, String mergedName) {
    this.target = target;
    this.mergedName = mergedName;
  }

  /** Called by the build: the directory of jars, the one to write, the name of the merged jar. */
  public static void main(String[] arguments) throws IOException {
    MergePlan plan = merge(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]);
    System.out.printf("%d jars became one, %d stay%n", plan.merged().size(), plan.kept().size());
  }

  /** Does it; the jars come in the order of their names. */
  static MergePlan merge(Path source, Path target, String mergedName) throws IOException {
    Files.createDirectories(target);
    MergePlan plan = MergePlan.of(read(source));
    LibraryMerge merge = new LibraryMerge(target, mergedName);
    merge.writeMerged(plan.merged());
    for (LibraryJar jar : plan.kept().keySet()) {
      merge.copy(jar);
    }
    return plan;
  }

  private static List<LibraryJar> read(Path source) throws IOException {
    List<Path> paths;
    try (Stream<Path> files = Files.list(source)) {
      paths = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    List<LibraryJar> jars = new ArrayList<>();
    for (Path path : paths) {
      jars.add(LibraryJar.read(path));
    }
    return jars;
  }

  private void writeMerged(List<LibraryJar> jars) throws IOException {
    Map<String, ByteArrayOutputStream> joined = new LinkedHashMap<>();
    Set<String> written = new HashSet<>();
    try (ZipOutputStream out = output(target.resolve(mergedName))) {
      Manifest manifest = new Manifest();
      manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
      write(out, JarFile.MANIFEST_NAME, bytes(manifest));
      for (LibraryJar jar : jars) {
        add(jar, out, joined, written);
      }
      for (Map.Entry<String, ByteArrayOutputStream> file : joined.entrySet()) {
        write(out, file.getKey(), file.getValue().toByteArray());
      }
    }
  }

  private static void add(
      LibraryJar jar,
      ZipOutputStream out,
      Map<String, ByteArrayOutputStream> joined,
      Set<String> written)
      throws IOException {
    try (ZipFile zip = new ZipFile(jar.path().toFile())) {
      for (String name : jar.contents().keySet()) {
        String place = place(jar, name);
        if (MergePlan.isJoined(name)) {
          join(joined.computeIfAbsent(name, any -> new ByteArrayOutputStream()), zip, name);
        } else if (written.add(place)) {
          write(out, place, bytes(zip, name));
        }
      }
    }
  }

  /** Notes of all jars stay, each under the name of its jar. */
  private static String place(LibraryJar jar, String name) {
    return MergePlan.isNote(name) ? "META-INF/jars/" + jar.path().getFileName() + "/" + name : name;
  }

  private static void join(ByteArrayOutputStream file, ZipFile zip, String name)
      throws IOException {
    file.writeBytes(bytes(zip, name));
    // The last line of a file may have no end.
    file.writeBytes("\n".getBytes(StandardCharsets.UTF_8));
  }

  private void copy(LibraryJar jar) throws IOException {
    Path copy = target.resolve(jar.path().getFileName().toString());
    if (!jar.has(Attributes.Name.CLASS_PATH) || isSigned(jar)) {
      Files.copy(jar.path(), copy);
      return;
    }
    try (ZipFile zip = new ZipFile(jar.path().toFile());
        ZipOutputStream out = output(copy)) {
      Manifest manifest = LibraryJar.manifest(zip);
      manifest.getMainAttributes().remove(Attributes.Name.CLASS_PATH);
      write(out, JarFile.MANIFEST_NAME, bytes(manifest));
      for (String name : jar.contents().keySet()) {
        write(out, name, bytes(zip, name));
      }
    }
  }

  private static boolean isSigned(LibraryJar jar) {
    return jar.contents().keySet().stream().anyMatch(MergePlan::isSignature);
  }

  private static ZipOutputStream output(Path file) throws IOException {
    ZipOutputStream out =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    out.setMethod(ZipOutputStream.STORED);
    return out;
  }

  private static void write(ZipOutputStream out, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 checksum = new CRC32();
    checksum.update(content);
    entry.setCrc(checksum.getValue());
    entry.setSize(content.length);
    entry.setTimeLocal(ALWAYS);
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }

  private static byte[] bytes(Manifest manifest) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    manifest.write(bytes);
    return bytes.toByteArray();
  }

  private static byte[] bytes(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null || entry.isDirectory()) {
      return new byte[0];
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }
}
