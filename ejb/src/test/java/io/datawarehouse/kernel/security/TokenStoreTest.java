package io.datawarehouse.kernel.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenStoreTest {

  private static final String OTHER = "0123456789-abcdefghijklmnopqrstuvwxyz_ABCDE";

  private final ManualClock clock = new ManualClock();
  @TempDir Path data;
  private Path secrets;

  @BeforeEach
  void locate() {
    secrets = data.resolve("secrets");
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void everyRoleHasATokenOfItsOwn(Role role) throws IOException {
    TokenStore store = open();

    assertThat(store.authenticate(token(role))).contains(role);
  }

  @Test
  void tokensAre32RandomBytesInOneLine() throws IOException {
    open();

    Set<String> tokens = new HashSet<>();
    for (Role role : Role.values()) {
      assertThat(Files.readString(file(role))).matches("[A-Za-z0-9_-]{43}\n");
      tokens.add(token(role));
    }
    assertThat(tokens).hasSize(Role.values().length);
  }

  @Test
  void onlyTheOwnerMayReadThem() throws IOException {
    open();

    assertThat(permissions(secrets)).isEqualTo("rwx------");
    for (Role role : Role.values()) {
      assertThat(permissions(file(role))).isEqualTo("rw-------");
    }
    try (var files = Files.list(secrets)) {
      assertThat(files).hasSize(Role.values().length);
    }
  }

  @Test
  void tokensStayOverARestart() throws IOException {
    open();
    String admin = token(Role.ADMIN);

    assertThat(open().authenticate(admin)).contains(Role.ADMIN);
    assertThat(token(Role.ADMIN)).isEqualTo(admin);
  }

  @Test
  void missingTokenIsMadeAndTheOthersStay() throws IOException {
    open();
    String reader = token(Role.READER);
    Files.delete(file(Role.WRITER));

    TokenStore store = open();

    assertThat(store.authenticate(reader)).contains(Role.READER);
    assertThat(store.authenticate(token(Role.WRITER))).contains(Role.WRITER);
  }

  @Test
  void nodesThatShareTheFilesAndMakeThemAtOnceKnowTheSameTokens() throws Exception {
    ExecutorService nodes = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        secrets = data.resolve("shared-" + round);
        CyclicBarrier together = new CyclicBarrier(4);
        Callable<TokenStore> start =
            () -> {
              together.await();
              return open();
            };
        for (Future<TokenStore> node : nodes.invokeAll(Collections.nCopies(4, start))) {
          for (Role role : Role.values()) {
            assertThat(node.get().authenticate(token(role))).contains(role);
          }
        }
      }
    } finally {
      nodes.shutdownNow();
    }
  }

  @Test
  void unknownTokensHaveNoRole() throws IOException {
    TokenStore store = open();
    String admin = token(Role.ADMIN);

    for (String token : List.of("", "x", admin + "x", admin + "\n", admin.substring(1))) {
      assertThat(store.authenticate(token)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PosixFilePermission.class,
      names = {"GROUP_READ", "GROUP_WRITE", "OTHERS_READ", "OTHERS_WRITE"})
  void fileThatOthersMayUseStopsTheBoot(PosixFilePermission permission) throws IOException {
    open();
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file(Role.WRITER));
    permissions.add(permission);
    Files.setPosixFilePermissions(file(Role.WRITER), permissions);

    assertThatThrownBy(this::open)
        .hasMessageContaining("chmod 600 '" + file(Role.WRITER) + "'")
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.BOOT_FAILED);
  }

  @Test
  void directoryThatOthersMayWriteToStopsTheBoot() throws IOException {
    open();
    Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rwxrwx---"));

    assertThatThrownBy(this::open).hasMessageContaining("chmod 700 '" + secrets + "'");
  }

  @Test
  void shortTokenStopsTheBootAndIsNotShown() throws IOException {
    open();
    Files.writeString(file(Role.ADMIN), "hunter2\n");

    assertThatThrownBy(this::open)
        .hasMessageContaining(file(Role.ADMIN).toString())
        .hasMessageContaining("too short")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123456789 0123456789 0123456789 0123456789", "ключключключключключ"})
  void tokenThatNoHeaderCanCarryStopsTheBoot(String token) throws IOException {
    open();
    Files.writeString(file(Role.ADMIN), token);

    assertThatThrownBy(this::open)
        .hasMessageContaining("visible ASCII")
        .hasMessageNotContaining(token);
  }

  @Test
  void sameTokenForTwoRolesStopsTheBoot() throws IOException {
    open();
    Files.copy(file(Role.ADMIN), file(Role.READER), StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(this::open)
        .hasMessageContaining("roles reader and admin have the same token")
        .hasMessageNotContaining(token(Role.ADMIN));
  }

  @Test
  void allThatIsWrongIsNamedAtOnce() throws IOException {
    open();
    Files.writeString(file(Role.ADMIN), "short");
    Files.setPosixFilePermissions(file(Role.READER), PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(this::open)
        .hasMessageContainingAll("admin.token", "too short", "reader.token", "chmod 600");
  }

  @Test
  void replacedTokenCountsWithoutARestart() throws IOException {
    TokenStore store = open();
    String old = token(Role.WRITER);

    replace(Role.WRITER, OTHER);
    assertThat(store.authenticate(old)).contains(Role.WRITER);

    clock.advance(TokenStore.RELOAD_INTERVAL);
    assertThat(store.authenticate(OTHER)).contains(Role.WRITER);
    assertThat(store.authenticate(old)).isEmpty();
    assertThat(store.authenticate(token(Role.ADMIN))).contains(Role.ADMIN);
  }

  @Test
  void tellsWhoseTokenWasReplacedAndNothingElse() throws IOException {
    TokenStore store = open();
    List<Role> replaced = new ArrayList<>();
    store.watch(replaced::add);
    replace(Role.WRITER, OTHER);
    replace(Role.READER, "short");

    clock.advance(TokenStore.RELOAD_INTERVAL);
    store.authenticate("x");
    clock.advance(TokenStore.RELOAD_INTERVAL);
    store.authenticate("x");

    assertThat(replaced).containsExactly(Role.WRITER);
  }

  @Test
  void filesAreNotLookedAtForEveryRequest() throws IOException {
    TokenStore store = open();
    clock.advance(TokenStore.RELOAD_INTERVAL);
    store.authenticate("x");
    replace(Role.WRITER, OTHER);

    clock.advance(TokenStore.RELOAD_INTERVAL.minus(Duration.ofMillis(1)));
    assertThat(store.authenticate(OTHER)).isEmpty();

    clock.advance(Duration.ofMillis(1));
    assertThat(store.authenticate(OTHER)).contains(Role.WRITER);
  }

  @Test
  void replacementThatCannotBeUsedLeavesTheOldToken() throws IOException {
    TokenStore store = open();
    String old = token(Role.WRITER);
    replace(Role.WRITER, "short");
    clock.advance(TokenStore.RELOAD_INTERVAL);

    assertThat(store.authenticate("short")).isEmpty();
    assertThat(store.authenticate(old)).contains(Role.WRITER);
  }

  @Test
  void vanishedFileLeavesTheOldToken() throws IOException {
    TokenStore store = open();
    String old = token(Role.WRITER);
    Files.delete(file(Role.WRITER));
    clock.advance(TokenStore.RELOAD_INTERVAL);

    assertThat(store.authenticate(old)).contains(Role.WRITER);
  }

  @Test
  void replacementByAnotherRolesTokenIsNotTaken() throws IOException {
    TokenStore store = open();
    String reader = token(Role.READER);
    replace(Role.ADMIN, reader);
    clock.advance(TokenStore.RELOAD_INTERVAL);

    assertThat(store.authenticate(reader)).contains(Role.READER);
  }

  @Test
  void nothingIsShownInText() throws IOException {
    assertThat(open()).hasToString("TokenStore");
  }

  private TokenStore open() {
    return TokenStore.open(secrets, new SecureRandom(), clock);
  }

  private Path file(Role role) {
    return secrets.resolve(role.label() + ".token");
  }

  private String token(Role role) throws IOException {
    return Files.readString(file(role)).strip();
  }

  /** Replaces the file as an operator should: by another one, at one stroke. */
  private void replace(Role role, String token) throws IOException {
    Path fresh =
        Files.createFile(
            secrets.resolve("fresh"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, token + "\n");
    Files.move(fresh, file(role), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
