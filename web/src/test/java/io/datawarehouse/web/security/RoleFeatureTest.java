package io.datawarehouse.web.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.web.http.Route;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

class RoleFeatureTest {

  @Path("/things/{thing}/parts/{part: .*}")
  static final class Things {

    @GET
    @Allows(Role.READER)
    public void read() {}

    @DELETE
    public void forgotten() {}

    @OPTIONS
    @Path("/below")
    @Allows(Role.WRITER)
    public void below() {}

    public void addedByTheFramework() {}
  }

  @Test
  void takesTheRoleFromTheMethod() throws NoSuchMethodException {
    assertThat(RoleFeature.roleOf(method("read"))).isEqualTo(Role.READER);
    assertThat(RoleFeature.roleOf(method("below"))).isEqualTo(Role.WRITER);
  }

  @Test
  void keepsAMethodWithoutARoleToAdministrators() throws NoSuchMethodException {
    assertThat(RoleFeature.roleOf(method("forgotten"))).isEqualTo(Role.ADMIN);
  }

  @Test
  void letsReadersAskForMethods() throws NoSuchMethodException {
    assertThat(RoleFeature.roleOf(method("addedByTheFramework"))).isEqualTo(Role.READER);
  }

  @Test
  void namesRoutesByTheirTemplates() throws NoSuchMethodException {
    assertThat(RoleFeature.routeOf(Things.class, method("read")))
        .isEqualTo(new Route("/things/{thing}/parts/{part}", "GET"));
    assertThat(RoleFeature.routeOf(Things.class, method("below")))
        .isEqualTo(new Route("/things/{thing}/parts/{part}/below", "OPTIONS"));
    assertThat(RoleFeature.routeOf(Things.class, method("addedByTheFramework")))
        .isEqualTo(Route.NONE);
  }

  private static Method method(String name) throws NoSuchMethodException {
    return Things.class.getMethod(name);
  }
}
