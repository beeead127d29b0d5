package io.datawarehouse.micro.layout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What there is to know of a jar before it is decided what becomes of it. Immutable.
 *
 * @param path where it lies
 * @param contents its entries but the manifest, in their order, each with a word that differs where
 *     the content does; directories have an empty one
 * @param attributes the main attributes of its manifest
 */
record LibraryJar(Path path, Map<String, String> contents, Map<String, String> attributes) {

  LibraryJar {
    contents = Collections.unmodifiableMap(new LinkedHashMap<>(contents));
    attributes = Map.copyOf(attributes);
  }

  /** Reads the directory of a jar, and its manifest. */
  static LibraryJar read(Path path) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      Map<String, String> contents = new LinkedHashMap<>();
      zip.stream()
          .filter(entry -> !entry.getName().equals(JarFile.MANIFEST_NAME))
          .forEach(entry -> contents.putIfAbsent(entry.getName(), content(entry)));
      return new LibraryJar(path, contents, attributes(zip));
    }
  }

  /** The manifest of an open jar; an empty one where it has none. */
  static Manifest manifest(ZipFile zip) throws IOException {
    ZipEntry entry = zip.getEntry(JarFile.MANIFEST_NAME);
    if (entry == null) {
      return new Manifest();
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return new Manifest(in);
    }
  }

  boolean has(Attributes.Name attribute) {
    return attributes.containsKey(attribute.toString());
  }

  private static String content(ZipEntry entry) {
    return entry.isDirectory() ? "" : entry.getSize() + " " + Long.toHexString(entry.getCrc());
  }

  private static Map<String, String> attributes(ZipFile zip) throws IOException {
    Map<String, String> attributes = new LinkedHashMap<>();
    manifest(zip)
        .getMainAttributes()
        .forEach((name, value) -> attributes.put(name.toString(), value.toString()));
    return attributes;
  }
}
