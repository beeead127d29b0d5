package io.datawarehouse.micro.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibraryMergeTest {

  private static final String MERGED = "all.jar";

  @TempDir Path directory;
  private Path source;
  private Path target;

  @BeforeEach
  void prepare() throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
    target = directory.resolve("target");
  }

  @Test
  void plainJarsBecomeOne() throws IOException {
    jar("a.jar", Map.of("one/A.class", "a", "shared/same.txt", "same"));
    jar("b.jar", Map.of("two/B.class", "b", "shared/same.txt", "same"));

    merge();

    assertThat(jars()).containsExactly(MERGED);
    assertThat(text("one/A.class")).isEqualTo("a");
    assertThat(text("two/B.class")).isEqualTo("b");
    assertThat(all("shared/same.txt")).containsExactly("same");
  }

  @Test
  void filesThatNameServicesAreJoinedWhetherTheirLastLineEndsOrNot() throws IOException {
    jar("a.jar", Map.of("META-INF/services/p.S", "p.First", "META-INF/hk2-locator/default", "[a]"));
    jar("b.jar", Map.of("META-INF/services/p.S", "p.Second\n"));
    jar("c.jar", Map.of("META-INF/services/p.S", "p.Third", "META-INF/hk2-locator/default", "[c]"));

    merge();

    assertThat(text("META-INF/services/p.S").lines().filter(line -> !line.isEmpty()))
        .containsExactly("p.First", "p.Second", "p.Third");
    assertThat(text("META-INF/hk2-locator/default").lines()).containsExactly("[a]", "[c]");
  }

  @Test
  void whatAnEarlierJarHasOtherwiseIsStillFoundBehindIt() throws IOException {
    jar("a.jar", Map.of("texts.properties", "first", "one/A.class", "a"));
    jar("b.jar", Map.of("texts.properties", "second", "two/B.class", "b"));
    jar("c.jar", Map.of("three/C.class", "c"));

    MergePlan plan = merge();

    assertThat(jars()).containsExactlyInAnyOrder(MERGED, "b.jar");
    assertThat(plan.kept().values())
        .containsExactly("has another texts.properties than a jar before it");
    assertThat(all("texts.properties")).containsExactly("first", "second");
    assertThat(text("two/B.class")).isEqualTo("b");
  }

  @Test
  void jarBehindOneThatStaysDoesNotComeBeforeIt() throws IOException {
    jar("a.jar", Map.of("META-INF/faces-config.xml", "<faces/>", "x.txt", "of a"));
    jar("b.jar", Map.of("x.txt", "of b"));

    merge();

    assertThat(jars()).containsExactlyInAnyOrder(MERGED, "a.jar", "b.jar");
    assertThat(text("x.txt")).isEqualTo("of a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "META-INF/SIGNER.SF",
        "META-INF/SIGNER.RSA",
        "META-INF/beans.xml",
        "META-INF/web-fragment.xml",
        "META-INF/tags/core.tld",
        "META-INF/resources/page.html",
        "META-INF/versions/21/one/A.class",
        "native/libx.so",
        "win/x.dll"
      })
  void jarThatMustBeOneStaysAsItIs(String entry) throws IOException {
    jar("a.jar", Map.of("one/A.class", "a", entry, "content"));

    merge();

    assertThat(jars()).containsExactlyInAnyOrder(MERGED, "a.jar");
    assertThat(target.resolve("a.jar")).hasSameBinaryContentAs(source.resolve("a.jar"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Multi-Release", "Premain-Class", "Agent-Class", "Launcher-Agent-Class"})
  void jarWhoseManifestSaysMoreThanItsNameStaysAsItIs(String attribute) throws IOException {
    jar("a.jar", Map.of("one/A.class", "a"), attribute, "true");

    merge();

    assertThat(jars()).containsExactlyInAnyOrder(MERGED, "a.jar");
  }

  @Test
  void noManifestNamesFurtherJars() throws IOException {
    jar("a.jar", Map.of("one/A.class", "a"), "Class-Path", "missing.jar");
    jar("b.jar", Map.of("META-INF/beans.xml", "<beans/>"), "Class-Path", "missing.jar a.jar");

    merge();

    for (String jar : jars()) {
      try (JarFile file = new JarFile(target.resolve(jar).toFile())) {
        assertThat(file.getManifest().getMainAttributes())
            .as(jar)
            .doesNotContainKey(Attributes.Name.CLASS_PATH);
      }
    }
    assertThat(text("META-INF/beans.xml")).isEqualTo("<beans/>");
  }

  @Test
  void licencesOfAllStay() throws IOException {
    jar("a.jar", Map.of("META-INF/LICENSE.txt", "of a", "NOTICE", "a's"));
    jar("b.jar", Map.of("META-INF/LICENSE.txt", "of b"));

    merge();

    assertThat(jars()).containsExactly(MERGED);
    assertThat(text("META-INF/jars/a.jar/META-INF/LICENSE.txt")).isEqualTo("of a");
    assertThat(text("META-INF/jars/a.jar/NOTICE")).isEqualTo("a's");
    assertThat(text("META-INF/jars/b.jar/META-INF/LICENSE.txt")).isEqualTo("of b");
  }

  @Test
  void sameJarsGiveTheSameBytes() throws IOException {
    jar("a.jar", Map.of("one/A.class", "a"));
    jar("b.jar", Map.of("two/B.class", "b"));
    merge();
    byte[] first = Files.readAllBytes(target.resolve(MERGED));
    target = directory.resolve("again");

    merge();

    assertThat(target.resolve(MERGED)).hasBinaryContent(first);
  }

  private MergePlan merge() throws IOException {
    return LibraryMerge.merge(source, target, MERGED);
  }

  private void jar(String name, Map<String, String> contents, String... attribute)
      throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    for (int i = 0; i < attribute.length; i += 2) {
      manifest.getMainAttributes().putValue(attribute[i], attribute[i + 1]);
    }
    try (OutputStream file = Files.newOutputStream(source.resolve(name));
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (Map.Entry<String, String> entry : new TreeMap<>(contents).entrySet()) {
        out.putNextEntry(new JarEntry(entry.getKey()));
        out.write(entry.getValue().getBytes(UTF_8));
      }
    }
  }

  private List<String> jars() throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** What a class loader finds first: the merged jar comes before the others. */
  private String text(String name) throws IOException {
    return all(name).get(0);
  }

  private List<String> all(String name) throws IOException {
    List<URL> classPath = new ArrayList<>(List.of(target.resolve(MERGED).toUri().toURL()));
    for (String jar : jars()) {
      if (!jar.equals(MERGED)) {
        classPath.add(target.resolve(jar).toUri().toURL());
      }
    }
    List<String> found = new ArrayList<>();
    try (URLClassLoader loader = new URLClassLoader(classPath.toArray(URL[]::new), null)) {
      for (URL url : Collections.list(loader.getResources(name))) {
        var connection = url.openConnection();
        connection.setUseCaches(false);
        try (var in = connection.getInputStream()) {
          found.add(new String(in.readAllBytes(), UTF_8));
        }
      }
    }
    return found;
  }
}
