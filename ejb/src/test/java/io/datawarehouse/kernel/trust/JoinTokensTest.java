package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.MapSecrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinTokensTest {

  private final ManualClock clock = new ManualClock();
  private final SecureRandom random = new SecureRandom();
  private final MapSecrets secrets = new MapSecrets();
  private final List<String> told = new ArrayList<>();
  private final AuditLog audit =
      new AuditLog(
          clock,
          AuditLog.Options.standard(),
          (refused, what, from, target, reason) ->
              told.add(String.join("|", what, from, target, reason)));
  private final JoinToken one = JoinToken.random(random);
  private final JoinToken two = JoinToken.random(random);
  @TempDir Path data;
  private Path file;

  @BeforeEach
  void locate() {
    file = data.resolve("secrets").resolve("join.token");
  }

  @Test
  void theFirstNodeMakesATokenThatOnlyItsOwnerMayRead() throws IOException {
    JoinTokens tokens = open(true);

    assertThat(tokens.accepted()).hasSize(1);
    assertThat(Files.readString(file)).isEqualTo(TrustFixture.lines(tokens.accepted().get(0)));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    assertThat(told).containsExactly("join-token|kernel|file '" + file + "'|a join token was made");
  }

  @Test
  void theTokenStaysOverARestart() {
    List<JoinToken> made = open(true).accepted();

    assertThat(open(true).accepted()).isEqualTo(made);
    assertThat(open(false).accepted()).isEqualTo(made);
  }

  @Test
  void anotherNodeIsToldWhereTheTokenComesFrom() {
    assertThatThrownBy(() -> open(false))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("dw.cluster.join.token");
    assertThat(file).doesNotExist();
  }

  @Test
  void nodesThatShareAFileMakeOneTokenTogether() throws Exception {
    int nodes = 4;
    for (int round = 0; round < 20; round++) {
      Path shared = data.resolve("round-" + round).resolve("join.token");
      CyclicBarrier start = new CyclicBarrier(nodes);
      ExecutorService executor = Executors.newFixedThreadPool(nodes);
      try {
        List<Future<List<JoinToken>>> opened = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
          opened.add(
              executor.submit(
                  () -> {
                    start.await(60, TimeUnit.SECONDS);
                    return JoinTokens.open(optionsOf(shared, true)).accepted();
                  }));
        }
        Set<List<JoinToken>> different = new HashSet<>();
        for (Future<List<JoinToken>> future : opened) {
          different.add(future.get(60, TimeUnit.SECONDS));
        }
        assertThat(different).hasSize(1);
        try (var files = Files.list(shared.getParent())) {
          assertThat(files).containsExactly(shared);
        }
      } finally {
        executor.shutdownNow();
      }
    }
  }

  @Test
  void severalTokensAreAcceptedInTheOrderOfTheFile() {
    write("# from 2026\n" + text(one) + "\r\n\n  " + text(two) + " # to go\n" + text(one) + "\n");

    assertThat(open(false).accepted()).containsExactly(one, two);
  }

  @Test
  void theSecretTakesThePlaceOfTheFile() {
    write(TrustFixture.lines(one));
    secrets.put(JoinTokens.SECRET, text(two) + "," + text(one));

    assertThat(open(false).accepted()).containsExactly(two, one);

    secrets.put(JoinTokens.SECRET, text(two));
    assertThat(open(false).accepted()).containsExactly(two);
  }

  @Test
  void aReplacedSecretIsToldByItsNameAndNotAsTheFileThatNobodyLooksAt() {
    secrets.put(JoinTokens.SECRET, text(one));
    JoinTokens tokens = open(false);

    secrets.put(JoinTokens.SECRET, text(two));
    clock.advance(JoinTokens.LOOK_INTERVAL);

    assertThat(tokens.refresh()).isTrue();
    assertThat(told)
        .containsExactly(
            "join-token|kernel|secret 'dw.cluster.join.token'"
                + "|the join tokens were replaced, 1 are accepted now");
  }

  @Test
  void aTypingErrorIsToldWithItsLineAndWithoutTheToken() {
    String wrong = text(two).substring(0, 10) + "*" + text(two).substring(11);
    write(text(one) + "\n" + wrong + "\n");

    assertThatThrownBy(() -> open(false))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("checksum")
        .message()
        .doesNotContain(text(two).substring(11, 40), text(one).substring(5, 40));
  }

  @Test
  void anEmptyFileAndTooManyTokensAreRefused() {
    write("# nothing yet\n");
    assertInvalid("holds 0 join tokens");

    StringBuilder many = new StringBuilder();
    for (int i = 0; i <= JoinTokens.MOST_TOKENS; i++) {
      many.append(TrustFixture.lines(JoinToken.random(random)));
    }
    write(many.toString());
    assertInvalid("holds 5 join tokens");
  }

  @Test
  void aFileThatOthersCanReadIsRefused() throws IOException {
    write(TrustFixture.lines(one));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    assertInvalid("chmod 600");
  }

  @Test
  void aReplacedFileIsTakenOverAtABoundedRate() {
    write(TrustFixture.lines(one));
    JoinTokens tokens = open(false);
    List<JoinToken> before = tokens.accepted();

    write(TrustFixture.lines(two, one));
    clock.advance(JoinTokens.LOOK_INTERVAL.minusMillis(1));
    assertThat(tokens.refresh()).isFalse();
    assertThat(tokens.accepted()).isSameAs(before);

    clock.advance(Duration.ofMillis(1));
    assertThat(tokens.refresh()).isTrue();
    assertThat(tokens.accepted()).containsExactly(two, one);
    assertThat(told)
        .containsExactly(
            "join-token|kernel|file '"
                + file
                + "'|the join tokens were replaced, 2 are accepted now");
  }

  @Test
  void aFileThatDidNotChangeLeavesTheSameList() {
    write(TrustFixture.lines(one));
    JoinTokens tokens = open(false);
    List<JoinToken> before = tokens.accepted();

    clock.advance(JoinTokens.LOOK_INTERVAL);

    assertThat(tokens.refresh()).isFalse();
    assertThat(tokens.accepted()).isSameAs(before);
  }

  @Test
  void whatCannotBeUsedAnyMoreLeavesTheTokensInForce() throws IOException {
    write(TrustFixture.lines(one));
    JoinTokens tokens = open(false);

    write("dwj1.half");
    clock.advance(JoinTokens.LOOK_INTERVAL);
    assertThat(tokens.refresh()).isFalse();
    assertThat(tokens.accepted()).containsExactly(one);

    Files.delete(file);
    clock.advance(JoinTokens.LOOK_INTERVAL);
    assertThat(tokens.refresh()).isFalse();
    assertThat(tokens.accepted()).containsExactly(one);
  }

  @Test
  void aClockThatWentBackDoesNotStopTheLooking() {
    write(TrustFixture.lines(one));
    JoinTokens tokens = open(false);

    write(TrustFixture.lines(two));
    clock.advance(Duration.ofDays(-1));

    assertThat(tokens.refresh()).isTrue();
    assertThat(tokens.accepted()).containsExactly(two);
  }

  private void assertInvalid(String message) {
    assertThatThrownBy(() -> open(false))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.CONFIG_INVALID))
        .hasMessageContaining(message);
  }

  private JoinTokens open(boolean firstNode) {
    return JoinTokens.open(optionsOf(file, firstNode));
  }

  private JoinTokens.Options optionsOf(Path path, boolean firstNode) {
    return new JoinTokens.Options(path, firstNode, secrets, random, clock, audit);
  }

  private void write(String content) {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TrustFixture.write(file, content);
  }

  private static String text(JoinToken token) {
    return TrustFixture.text(token);
  }
}
