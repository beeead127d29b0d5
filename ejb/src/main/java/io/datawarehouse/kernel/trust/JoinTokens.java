package io.datawarehouse.kernel.trust;

import io.datawarehouse.kernel.secret.PrivateFile;
import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.sdk.security.SecretManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The join tokens that a node accepts; the first of them also makes what the node shows.
 * Thread-safe.
 *
 * <p>They are the lines of one file that only its owner may read or, where there is such a secret,
 * of the secret {@value #SECRET}; the file is not looked at then. Tokens stand one a line, or with
 * blanks or commas between them; what follows a {@code #} is a remark. Asked to {@link #refresh()},
 * it looks at them again, at most once in {@link #LOOK_INTERVAL}; what cannot be used any more
 * leaves the tokens in force, and is logged once.
 */
public final class JoinTokens {

  /** How often, at most, the file or the secret is looked at. */
  public static final Duration LOOK_INTERVAL = Duration.ofSeconds(5);

  /** How many tokens may be accepted at once. */
  public static final int MOST_TOKENS = 4;

  /** The name of the secret that takes the place of the file. */
  public static final String SECRET = "dw.cluster.join.token";

  private static final System.Logger LOG = System.getLogger(JoinTokens.class.getName());
  private static final int MOST_BYTES = 4096;
  private static final String NEWS = "join-token";

  /**
   * What tokens are read from and made with.
   *
   * @param file where they are kept
   * @param firstNode whether a token is made where there is none
   * @param secrets may hold them instead
   * @param random makes a token
   * @param clock tells when to look again
   * @param audit is told of every change of tokens
   */
  public record Options(
      Path file,
      boolean firstNode,
      SecretManager secrets,
      SecureRandom random,
      Clock clock,
      AuditLog audit) {}

  /**
   * Tokens and where they are kept.
   *
   * @param place in words
   */
  private record Found(String place, List<JoinToken> tokens) {}

  private final Options options;
  private volatile List<JoinToken> accepted;

  // Guarded by this.
  private long lastLook;
  // Guarded by this: what was last logged, so that it is said once.
  private @Nullable String complaint;

  private JoinTokens(Options options, List<JoinToken> accepted) {
    this.options = options;
    this.accepted = accepted;
    this.lastLook = options.clock().millis();
  }

  /**
   * Opens the tokens of a node.
   *
   * @throws WarehouseException {@code CONFIG_INVALID} where there is none and none is to be made,
   *     or where they cannot be used; says why, and how to mend it
   */
  public static JoinTokens open(Options options) {
    Optional<Found> found = find(options);
    if (found.isPresent()) {
      return new JoinTokens(options, found.get().tokens());
    }
    if (!options.firstNode()) {
      throw invalid(
          ("there is no join token: put a copy of the file of a node that belongs to the cluster to"
                  + " '%s' (mode 0600), or set the secret '%s'")
              .formatted(options.file(), SECRET));
    }
    if (make(options.file(), options.random())) {
      options.audit().done(NEWS, AuditLog.KERNEL, placeOf(options.file()), "a join token was made");
    }
    return new JoinTokens(options, ofFile(options.file()).tokens());
  }

  /**
   * Makes a token in a file that is not there; of several that do so at once, one does.
   *
   * @return whether it was this one
   * @throws WarehouseException {@code CONFIG_INVALID} where it cannot be written
   */
  public static boolean make(Path file, SecureRandom random) {
    byte[] text = JoinToken.random(random).text();
    byte[] line = Arrays.copyOf(text, text.length + 1);
    line[text.length] = '\n';
    byte[] unique = new byte[8];
    random.nextBytes(unique);
    Path temporary =
        file.resolveSibling(
            "." + file.getFileName() + "." + HexFormat.of().formatHex(unique) + ".tmp");
    try {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        DurableFiles.createPrivateDirectories(directory);
      }
      return DurableFiles.create(file, temporary, line);
    } catch (IOException e) {
      throw invalid("cannot make the join token '" + file + "': " + DurableFiles.reason(e));
    } finally {
      Arrays.fill(text, (byte) 0);
      Arrays.fill(line, (byte) 0);
    }
  }

  /** Returns the tokens, the one that makes first; the same list until they change. */
  List<JoinToken> accepted() {
    return accepted;
  }

  /**
   * Looks at the tokens again, unless that was done a moment ago; reads a file, so not for threads
   * that serve connections.
   *
   * @return whether they changed
   */
  public synchronized boolean refresh() {
    long now = options.clock().millis();
    if (Math.abs(now - lastLook) < LOOK_INTERVAL.toMillis()) {
      return false;
    }
    lastLook = now;
    try {
      Found fresh = find(options).orElseThrow(() -> invalid("it is gone"));
      complaint = null;
      return replace(fresh);
    } catch (WarehouseException e) {
      complain(e.detail());
      return false;
    }
  }

  private boolean replace(Found fresh) {
    if (fresh.tokens().equals(accepted)) {
      return false;
    }
    accepted = fresh.tokens();
    options
        .audit()
        .done(
            NEWS,
            AuditLog.KERNEL,
            fresh.place(),
            "the join tokens were replaced, %d are accepted now".formatted(accepted.size()));
    return true;
  }

  private void complain(String problem) {
    if (!problem.equals(complaint)) {
      complaint = problem;
      LOG.log(
          System.Logger.Level.WARNING,
          "the join tokens of ''{0}'' stay as they were: {1}",
          options.file(),
          problem);
    }
  }

  @Override
  public String toString() {
    return "JoinTokens";
  }

  // ---- reading -------------------------------------------------------------------------------

  private static Optional<Found> find(Options options) {
    Optional<Secret> secret = options.secrets().find(SECRET);
    if (secret.isPresent()) {
      try (Secret open = secret.get()) {
        String place = "secret '" + SECRET + "'";
        return Optional.of(new Found(place, read(place, open.bytes())));
      }
    }
    return Files.exists(options.file()) ? Optional.of(ofFile(options.file())) : Optional.empty();
  }

  private static String placeOf(Path file) {
    return "file '" + file + "'";
  }

  private static Found ofFile(Path file) {
    PrivateFile.requireOwnersAlone(file);
    byte[] content = PrivateFile.read(file, MOST_BYTES);
    try {
      String place = placeOf(file);
      return new Found(place, read(place, content));
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  private static List<JoinToken> read(String place, byte[] content) {
    List<JoinToken> tokens = new ArrayList<>();
    int line = 1;
    for (int at = 0; at < content.length; at++) {
      if (content[at] == '\n') {
        line++;
      } else if (content[at] == '#') {
        at = endOfLine(content, at) - 1;
      } else if (!separates(content[at])) {
        int end = endOfWord(content, at);
        JoinToken token = parse(place, line, Arrays.copyOfRange(content, at, end));
        if (!tokens.contains(token)) {
          tokens.add(token);
        }
        at = end - 1;
      }
    }
    if (tokens.isEmpty() || tokens.size() > MOST_TOKENS) {
      throw invalid(
          "%s holds %d join tokens, use 1 to %d".formatted(place, tokens.size(), MOST_TOKENS));
    }
    return List.copyOf(tokens);
  }

  private static JoinToken parse(String place, int line, byte[] word) {
    try {
      return JoinToken.parse(word);
    } catch (JoinToken.Unusable e) {
      throw invalid("%s, line %d: %s".formatted(place, line, e.getMessage()));
    } finally {
      Arrays.fill(word, (byte) 0);
    }
  }

  private static boolean separates(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n' || b == ',';
  }

  private static int endOfWord(byte[] content, int from) {
    int end = from;
    while (end < content.length && !separates(content[end]) && content[end] != '#') {
      end++;
    }
    return end;
  }

  private static int endOfLine(byte[] content, int from) {
    int end = from;
    while (end < content.length && content[end] != '\n') {
      end++;
    }
    return end;
  }

  private static WarehouseException invalid(String detail) {
    return new WarehouseException(StandardErrorCode.CONFIG_INVALID, detail);
  }
}
