package io.datawarehouse.micro.layout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.regex.Pattern;

/**
 * Decides which jars of a class path can become one, so that every class and every resource is
 * found as before. A jar stays by itself where something depends on its being one: a signature, the
 * classes for several versions of Java, an agent, native libraries, a descriptor that the server
 * reads of one archive at a time. It stays as well where it holds something else under a name that
 * an earlier jar has already: behind that jar it stood before, and behind it it remains. Immutable.
 *
 * @param merged the jars that become one, in the order of the class path
 * @param kept the others, in the same order, each with the reason
 */
record MergePlan(List<LibraryJar> merged, Map<LibraryJar, String> kept) {

  private static final List<Attributes.Name> OF_AGENTS =
      List.of(
          new Attributes.Name("Premain-Class"),
          new Attributes.Name("Agent-Class"),
          new Attributes.Name("Launcher-Agent-Class"));

  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(?:SF|RSA|DSA|EC)");
  private static final Pattern NATIVE = Pattern.compile(".*\\.(?:so|dll|dylib|jnilib|a)");
  private static final Pattern DESCRIPTOR =
      Pattern.compile("META-INF/(?!maven/).*\\.(?:xml|tld)|META-INF/(?:resources|versions)/.+");

  /** Every file of these is read, wherever it lies, so those of several jars become one. */
  private static final Pattern JOINED =
      Pattern.compile("META-INF/(?:services|hk2-locator|logmessages|loggerinfo)/[^/]+");

  /** Says something about its jar, and is not looked for by name. */
  private static final Pattern NOTE =
      Pattern.compile(
          "META-INF/(?:maven|licenses)/.*|META-INF/INDEX\\.LIST|(?:.*/)?module-info\\.class"
              + "|(?i:(?:META-INF/)?(?:[^/]*(?:LICEN[CS]E|NOTICE|COPYRIGHT)[^/]*"
              + "|DEPENDENCIES|CHANGES|README|AUTHORS|ABOUT)(?:\\.[a-z]+)?)");

  MergePlan {
    merged = List.copyOf(merged);
    kept = Collections.unmodifiableMap(new LinkedHashMap<>(kept));
  }

  /** Decides about jars in the order of their class path. */
  static MergePlan of(List<LibraryJar> classPath) {
    List<LibraryJar> merged = new ArrayList<>();
    Map<LibraryJar, String> kept = new LinkedHashMap<>();
    Map<String, String> earlier = new HashMap<>();
    for (LibraryJar jar : classPath) {
      Optional<String> reason = ownReason(jar).or(() -> conflict(jar, earlier));
      reason.ifPresentOrElse(why -> kept.put(jar, why), () -> merged.add(jar));
      jar.contents().forEach(earlier::putIfAbsent);
    }
    return new MergePlan(merged, kept);
  }

  /** Whether the files of that name are put together. */
  static boolean isJoined(String name) {
    return JOINED.matcher(name).matches();
  }

  /** Whether a file of that name says something about its jar only. */
  static boolean isNote(String name) {
    return NOTE.matcher(name).matches();
  }

  /** Whether a file of that name holds the signature of its jar. */
  static boolean isSignature(String name) {
    return SIGNATURE.matcher(name).matches();
  }

  private static Optional<String> ownReason(LibraryJar jar) {
    if (OF_AGENTS.stream().anyMatch(jar::has)) {
      return Optional.of("is an agent");
    }
    if (jar.has(Attributes.Name.MULTI_RELEASE)) {
      return Optional.of("has classes for several versions of Java");
    }
    return jar.contents().keySet().stream().flatMap(name -> reason(name).stream()).findFirst();
  }

  private static Optional<String> reason(String name) {
    if (isSignature(name)) {
      return Optional.of("is signed");
    }
    if (NATIVE.matcher(name).matches()) {
      return Optional.of("has native libraries");
    }
    if (DESCRIPTOR.matcher(name).matches()) {
      return Optional.of("has " + name);
    }
    return Optional.empty();
  }

  private static Optional<String> conflict(LibraryJar jar, Map<String, String> earlier) {
    return jar.contents().entrySet().stream()
        .filter(entry -> !isJoined(entry.getKey()) && !isNote(entry.getKey()))
        .filter(
            entry ->
                !entry.getValue().equals(earlier.getOrDefault(entry.getKey(), entry.getValue())))
        .map(entry -> "has another " + entry.getKey() + " than a jar before it")
        .findFirst();
  }
}
