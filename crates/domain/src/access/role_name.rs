//! Roles as people read them, on paper and in sheets. The pages have the same words.

use greenfort_kernel::{Language, Role, text};

/// The role's name.
pub fn role_name(role: Role, language: Language) -> &'static str {
    let (vi, en) = match role {
        Role::Citizen => ("Người dân", "Resident"),
        Role::HouseholdHead => ("Chủ hộ", "Head of household"),
        Role::OrganisationManager => ("Người quản lý tổ chức, doanh nghiệp", "Manager of an organisation"),
        Role::CommunityTeam => ("Tổ COVID cộng đồng", "Community COVID team"),
        Role::Sampler => ("Nhân viên lấy mẫu", "Sampler"),
        Role::SiteLead => ("Trưởng điểm lấy mẫu", "Site lead"),
        Role::Courier => ("Người giao mẫu", "Courier"),
        Role::LabTechnician => ("Kỹ thuật viên xét nghiệm", "Laboratory technician"),
        Role::LabLead => ("Trưởng phòng xét nghiệm", "Laboratory lead"),
        Role::OutsideLab => ("Phòng xét nghiệm ngoài", "Outside laboratory"),
        Role::CommuneStation => ("Trạm y tế xã", "Commune health station"),
        Role::RecallTeam => ("Tổ mời lấy mẫu lại", "Recall team"),
        Role::CheckpointOfficer => ("Cán bộ chốt kiểm soát", "Checkpoint officer"),
        Role::DistrictOfficer => ("Cán bộ y tế huyện", "District health officer"),
        Role::ProvinceOfficer => ("Cán bộ y tế tỉnh", "Province health officer"),
        Role::SectorViewer => ("Người theo dõi của ngành", "Sector viewer"),
        Role::Leader => ("Lãnh đạo", "Leader"),
        Role::Administrator => ("Quản trị hệ thống", "Administrator"),
        Role::Auditor => ("Người kiểm tra nhật ký", "Auditor"),
    };
    language.pick(vi, en)
}

/// The role somebody wrote into a sheet: the word of the API, or its name in either language; capitals, marks and
/// spaces do not matter.
pub fn read_role(written: &str) -> Option<Role> {
    let wanted = text::fold(written);
    Role::ALL.iter().copied().find(|role| {
        let names = [Language::Vi, Language::En].map(|language| text::fold(role_name(*role, language)));
        written.trim().eq_ignore_ascii_case(role.as_str()) || names.contains(&wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_by_its_word_and_by_its_name_with_or_without_marks() {
        for role in Role::ALL {
            assert_eq!(read_role(role.as_str()), Some(*role));
            assert_eq!(read_role(&role_name(*role, Language::En).to_uppercase()), Some(*role));
            assert_eq!(read_role(role_name(*role, Language::Vi)), Some(*role));
        }
        assert_eq!(read_role(" nhan vien lay mau "), Some(Role::Sampler));
        assert_eq!(read_role("bác sĩ"), None);
        assert_eq!(read_role(""), None);
    }
}
