package io.datawarehouse.kernel.security;

import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens of a node: one per role, each in a file of its own that only the owner may
 * read. Missing ones are made. Several nodes may share the files. Thread-safe.
 *
 * <p>In memory are the tokens' digests only. Replacing a file replaces the token, at the latest
 * {@link #RELOAD_INTERVAL} after; a file that cannot be used any more leaves its token in force and
 * is logged.
 */
public final class TokenStore implements Authenticator {

  /** How often, at most, the files are looked at. */
  public static final Duration RELOAD_INTERVAL = Duration.ofSeconds(5);

  private static final System.Logger LOG = System.getLogger(TokenStore.class.getName());
  private static final int RANDOM_BYTES = 32;
  private static final int LEAST_LENGTH = 32;
  private static final int GREATEST_LENGTH = 1024;
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);
  private static final Set<PosixFilePermission> WRITING_OTHERS =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  /** What tells that a file was replaced. */
  private record Stamp(long modified, long size, @Nullable Object file) {}

  /** A token in force. */
  private static final class Secret {
    final byte[] digest;
    final Stamp stamp;

    Secret(byte[] digest, Stamp stamp) {
      this.digest = digest;
      this.stamp = stamp;
    }
  }

  private final Path directory;
  private final Clock clock;
  private final AtomicLong nextLook = new AtomicLong();
  private volatile Consumer<Role> watcher = role -> {};

  /** Replaced as a whole by the one thread that looks at the files. */
  private volatile Map<Role, Secret> secrets;

  /** What was last logged of a file, so that it is said once; touched by the looking thread. */
  private final Map<Role, Stamp> complaints = new EnumMap<>(Role.class);

  private TokenStore(Path directory, Clock clock, Map<Role, Secret> secrets) {
    this.directory = directory;
    this.clock = clock;
    this.secrets = secrets;
    nextLook.set(clock.millis() + RELOAD_INTERVAL.toMillis());
  }

  /**
   * Opens the tokens in a directory, making what is missing.
   *
   * @throws WarehouseException {@code BOOT_FAILED} naming every file that cannot be used and why
   */
  public static TokenStore open(Path directory, SecureRandom random, Clock clock) {
    List<String> problems = new ArrayList<>();
    Map<Role, Secret> secrets = new EnumMap<>(Role.class);
    try {
      DurableFiles.createPrivateDirectories(directory);
      checkDirectory(directory).ifPresent(problems::add);
      for (Role role : Role.values()) {
        Path file = fileOf(directory, role);
        if (Files.notExists(file)) {
          create(file, random);
        }
        try {
          secrets.put(role, load(file));
        } catch (Unusable e) {
          problems.add(e.getMessage());
        }
      }
    } catch (IOException e) {
      problems.add("cannot make access tokens in '" + directory + "': " + DurableFiles.reason(e));
    }
    twins(secrets).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw new WarehouseException(StandardErrorCode.BOOT_FAILED, String.join("; ", problems));
    }
    return new TokenStore(directory, clock, secrets);
  }

  /** Tells from now on whose token was replaced, on the thread that found out. */
  public void watch(Consumer<Role> replaced) {
    watcher = replaced;
  }

  @Override
  public Optional<Role> authenticate(String token) {
    look();
    byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
    byte[] digest = sha256(bytes);
    Arrays.fill(bytes, (byte) 0);
    Optional<Role> holder = Optional.empty();
    // Always all of them: the time tells nothing about which one it is.
    for (Map.Entry<Role, Secret> entry : secrets.entrySet()) {
      boolean same = MessageDigest.isEqual(entry.getValue().digest, digest);
      holder = same ? Optional.of(entry.getKey()) : holder;
    }
    return holder;
  }

  @Override
  public String toString() {
    return "TokenStore";
  }

  // ---- replacing tokens ----------------------------------------------------------------------

  private void look() {
    long now = clock.millis();
    long due = nextLook.get();
    if (now >= due && nextLook.compareAndSet(due, now + RELOAD_INTERVAL.toMillis())) {
      reload();
    }
  }

  private synchronized void reload() {
    Map<Role, Secret> fresh = new EnumMap<>(secrets);
    List<Role> replaced = new ArrayList<>();
    for (Role role : Role.values()) {
      Path file = fileOf(directory, role);
      Secret present = fresh.get(role);
      try {
        if (present != null && present.stamp.equals(stampOf(file))) {
          continue;
        }
        fresh.put(role, load(file));
        complaints.remove(role);
        replaced.add(role);
        LOG.log(System.Logger.Level.INFO, "the token of role {0} was replaced", role.label());
      } catch (Unusable | IOException e) {
        complain(role, file, e);
      }
    }
    Optional<String> twins = twins(fresh);
    if (twins.isPresent()) {
      LOG.log(System.Logger.Level.WARNING, "tokens stay as they were: {0}", twins.get());
    } else {
      secrets = fresh;
      replaced.forEach(watcher);
    }
  }

  private void complain(Role role, Path file, Exception why) {
    Stamp stamp;
    try {
      stamp = stampOf(file);
    } catch (IOException e) {
      stamp = new Stamp(0, 0, null);
    }
    if (!stamp.equals(complaints.put(role, stamp))) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the token of role {0} stays as it was: {1}",
          role.label(),
          why instanceof IOException io
              ? "cannot read '" + file + "': " + DurableFiles.reason(io)
              : why.getMessage());
    }
  }

  // ---- files ---------------------------------------------------------------------------------

  /** Says why a token file cannot be used; never what it holds. */
  private static final class Unusable extends Exception {
    Unusable(String message) {
      super(message);
    }
  }

  private static Path fileOf(Path directory, Role role) {
    return directory.resolve(role.label() + ".token");
  }

  private static void create(Path file, SecureRandom random) throws IOException {
    byte[] token = new byte[RANDOM_BYTES];
    random.nextBytes(token);
    byte[] text = Base64.getUrlEncoder().withoutPadding().encode(token);
    byte[] line = Arrays.copyOf(text, text.length + 1);
    line[text.length] = '\n';
    byte[] unique = new byte[8];
    random.nextBytes(unique);
    Path temporary =
        file.resolveSibling(
            "." + file.getFileName() + "." + HexFormat.of().formatHex(unique) + ".tmp");
    try {
      DurableFiles.create(file, temporary, line);
    } finally {
      Arrays.fill(token, (byte) 0);
      Arrays.fill(text, (byte) 0);
      Arrays.fill(line, (byte) 0);
    }
  }

  private static Secret load(Path file) throws IOException, Unusable {
    Stamp stamp = stampOf(file);
    if (permissions(file).stream().anyMatch(OTHERS::contains)) {
      throw new Unusable(
          "token file '%s' can be used by others than its owner: run chmod 600 '%s'"
              .formatted(file, file));
    }
    if (stamp.size > GREATEST_LENGTH + 2) {
      throw new Unusable("token file '%s' is longer than a token".formatted(file));
    }
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new Unusable(
          "token file '%s' cannot be read: %s".formatted(file, DurableFiles.reason(e)));
    }
    byte[] token = withoutLineEnd(content);
    try {
      check(file, token);
      return new Secret(sha256(token), stamp);
    } finally {
      Arrays.fill(content, (byte) 0);
      Arrays.fill(token, (byte) 0);
    }
  }

  private static byte[] withoutLineEnd(byte[] content) {
    int end = content.length;
    while (end > 0 && (content[end - 1] == '\n' || content[end - 1] == '\r')) {
      end--;
    }
    return Arrays.copyOf(content, end);
  }

  private static void check(Path file, byte[] token) throws Unusable {
    if (token.length < LEAST_LENGTH) {
      throw new Unusable(
          "the token in '%s' is too short: use at least %d characters, or remove the file to get"
                  .formatted(file, LEAST_LENGTH)
              + " a new one");
    }
    for (byte b : token) {
      if (b <= ' ' || b >= 0x7f) {
        throw new Unusable(
            "the token in '%s' holds something else than visible ASCII characters".formatted(file));
      }
    }
  }

  private static Optional<String> checkDirectory(Path directory) throws IOException {
    return permissions(directory).stream().anyMatch(WRITING_OTHERS::contains)
        ? Optional.of(
            "directory '%s' can be written to by others than its owner: run chmod 700 '%s'"
                .formatted(directory, directory))
        : Optional.empty();
  }

  private static Optional<String> twins(Map<Role, Secret> secrets) {
    for (Map.Entry<Role, Secret> one : secrets.entrySet()) {
      for (Map.Entry<Role, Secret> other : secrets.entrySet()) {
        if (one.getKey().compareTo(other.getKey()) < 0
            && MessageDigest.isEqual(one.getValue().digest, other.getValue().digest)) {
          return Optional.of(
              "roles %s and %s have the same token"
                  .formatted(one.getKey().label(), other.getKey().label()));
        }
      }
    }
    return Optional.empty();
  }

  private static Set<PosixFilePermission> permissions(Path path) throws IOException {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? Files.getPosixFilePermissions(path)
        : Set.of();
  }

  private static Stamp stampOf(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new Stamp(
        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
        attributes.size(),
        attributes.fileKey());
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
